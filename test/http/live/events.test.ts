// Covers `src/http/commit-watch.ts`.

import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { OPEN } from '../open.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import type { HttpOptions } from '../../../src/http/server.ts'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openBench } from '../../journal/fixtures.ts'
import { event } from '../../journal/nouns.ts'
import { commits } from '../commits.ts'

/** A hub with a real journal, in which a test commits. */
async function hub(clock: HttpOptions['clock'] = systemClock) {
  const { dataDir, writer } = openBench()
  const journal = commits()
  const live = { streams: 0, cutOff: 0 }
  let lastId = 0
  const commit = (...topics: string[]): void => {
    const events = topics.map((topic) =>
      event(++lastId, { topic, payload: Buffer.from(JSON.stringify({ n: lastId })) }),
    )
    writer.commit({ events, changes: [] })
    journal.commit()
  }
  const options = { queries: openQueries(dataDir), onCommit: journal.onCommit, clock, live, log: silentLog }
  const http = createHttpServer({
    ...OPEN,
    ...options,
    committedId: () => lastId,
  } as unknown as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  const follow = (query = '', headers: Record<string, string> = {}) =>
    follower(`http://127.0.0.1:${port}/api/events/live${query}`, headers)
  return { commit, follow, live, journal }
}

/** Reads a stream as a browser does. */
async function follower(url: string, headers: Record<string, string>) {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  const answer = await fetch(url, { headers, signal: over.signal })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const ids = (): number[] => Array.from(text.matchAll(/^id: (\d+)\ndata/gm), ([, id]) => Number(id))
  const piece = async (): Promise<string> => {
    const { value } = await reader!.read()
    if (value === undefined) throw new Error(`The stream has ended after ${text}`)
    return value
  }
  return {
    answer,
    stop: () => over.abort(),
    /** Reads until so many events have come; their ids. */
    async events(count: number): Promise<number[]> {
      while (ids().length < count) text += await piece()
      return ids()
    },
    /** Reads until this has come; all that came. */
    async until(part: string): Promise<string> {
      while (!text.includes(part)) text += await piece()
      return text
    },
    text: () => text,
  }
}

describe('a stream of events', () => {
  it('brings what is committed from its beginning on, as GET /api/events shows it', async () => {
    const { commit, follow } = await hub()
    commit('before')
    const stream = await follow()
    expect(stream.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    commit('a/b')
    commit('a/c', 'a/d')
    expect(await stream.events(3)).toEqual([2, 3, 4])
    expect(stream.text()).toContain('retry: 2000\n\n')
    const [, data] = /^id: 2\ndata: (.*)\n$/m.exec(stream.text())!
    expect(JSON.parse(data!)).toMatchObject({ id: 2, topic: 'a/b', payload: { n: 2 }, encoding: 'json' })
  })

  it('brings only what is asked for', async () => {
    const { commit, follow } = await hub()
    const stream = await follow('?filter=a/%2B&json-path=n%20%3E%201')
    commit('a/b', 'x', 'a/c', 'a/b/c', 'a/d')
    expect(await stream.events(2)).toEqual([3, 5])
  })

  it('goes on behind the event that was the last, without a gap or a repeat', async () => {
    const { commit, follow } = await hub()
    const first = await follow()
    commit('a', 'a', 'a')
    const [one] = await first.events(1)
    first.stop()
    // More than is read at one time, while nobody follows.
    for (let round = 0; round < 10; round++) commit(...Array.from({ length: 50 }, () => 'a'))
    const second = await follow('', { 'last-event-id': String(one) })
    const seen = second.events(512)
    for (let round = 0; round < 10; round++) commit('a')
    expect(await seen).toEqual(Array.from({ length: 512 }, (_, index) => index + one! + 1))
  })

  it('ends with its connection', async () => {
    const { commit, follow, live, journal } = await hub()
    const stream = await follow()
    commit('a')
    await stream.events(1)
    expect([live.streams, journal.listeners()]).toEqual([1, 1])
    stream.stop()
    await expect.poll(() => [live.streams, journal.listeners()]).toEqual([0, 0])
  })

  it('says in a quiet time that it is there, and how far it has come', async () => {
    let skippedMs = 0
    const clock: HttpOptions['clock'] = {
      ...systemClock,
      steady: () => systemClock.steady() + (skippedMs += 5_000),
      after: (_lengthMs, callback) => systemClock.after(1, callback),
    }
    const { commit, follow } = await hub(clock)
    commit('x')
    const stream = await follow('?filter=a')
    commit('x', 'x')
    expect(await stream.until(': nothing new\n\n')).toMatch(/^id: [123]\n: nothing new\n$/m)
  })

  it('is refused where the last event is no number', async () => {
    const { follow } = await hub()
    expect((await follow('', { 'last-event-id': 'x' })).answer.status).toBe(400)
  })

  it('is refused where too many are open', async () => {
    const { follow, live } = await hub()
    live.streams = 64
    expect((await follow()).answer.status).toBe(503)
  })
})

it('cuts a reader off that takes nothing, which comes back by its last event', async () => {
  const patience: (() => void)[] = []
  const clock: HttpOptions['clock'] = {
    ...systemClock,
    after(lengthMs, callback) {
      if (lengthMs < 30_000) return systemClock.after(lengthMs, callback)
      patience.push(callback)
      return () => void patience.splice(patience.indexOf(callback), 1)
    },
  }
  const { commit, follow, live } = await hub(clock)
  const payloads = Array.from({ length: 200 }, () => 'a')
  const stream = await follow()
  // The reader takes no more than what its socket holds.
  await expect
    .poll(
      () => {
        commit(...payloads.map((topic) => topic.repeat(20_000)))
        return patience.length
      },
      { timeout: 10_000, interval: 60 },
    )
    .toBe(1)
  await expect.poll(() => patience.length).toBe(1)
  patience[0]?.()
  expect([live.cutOff, live.streams]).toEqual([1, 0])
  await expect(stream.events(Infinity)).rejects.toThrow('terminated')
})
