// Covers `src/http/body.ts`.

import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import type { HttpOptions } from '../../../src/http/server.ts'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import type { Publication } from '../../../src/model/event.ts'
import type { Change } from '../../../src/model/store.ts'
import { openBench } from '../../journal/fixtures.ts'
import { event, run, step, stepChange } from '../../journal/nouns.ts'
import { commits } from '../commits.ts'
import { OPEN } from '../open.ts'

/** A hub with a real journal, whose engine is the test. */
async function hub() {
  const { dataDir, writer } = openBench()
  const journal = commits()
  const published: Publication[] = []
  const http = createHttpServer({
    ...OPEN,
    queries: openQueries(dataDir),
    onCommit: journal.onCommit,
    clock: systemClock,
    root: 'vigie',
    packetBytes: 1_000,
    async publish(publication: Publication) {
      const id = published.push(publication)
      writer.commit({ events: [event(id, { topic: publication.topic })], changes: [] })
      return id
    },
    log: silentLog,
  } as unknown as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  return {
    published,
    listeners: () => journal.listeners(),
    /** The engine commits. */
    decide: (change: Change): void => {
      writer.commit({ events: [], changes: [change] })
      journal.commit()
    },
    post: async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(`http://127.0.0.1:${port}/publish/${path}`, { method: 'POST', ...init })
      return { status: answer.status, said: (await answer.json()) as Record<string, unknown> }
    },
  }
}

describe('a message that is posted', () => {
  it('is published with its body as payload, and answered with its event', async () => {
    const { post, published } = await hub()
    expect(await post('house/k%C3%BCche/lamp', { body: 'on' })).toEqual({
      status: 202,
      said: { topic: 'house/küche/lamp', event: 1 },
    })
    expect(published).toEqual([
      {
        topic: 'house/küche/lamp',
        payload: Buffer.from('on'),
        qos: 1,
        retain: false,
        origin: 'http',
        cause: null,
        properties: { contentType: 'text/plain;charset=UTF-8' },
      },
    ])
  })

  it('is part of the trace of its request, if that is one, unless it names another itself', async () => {
    const { post, published } = await hub()
    const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const of = async (traceparent: string, query = ''): Promise<unknown> => {
      await post(`a?content-type=${query}`, { headers: { traceparent, tracestate: 'a=1' } })
      return published.at(-1)?.properties?.['userProperties']
    }
    expect(await of(parent)).toEqual([
      ['traceparent', parent],
      ['tracestate', 'a=1'],
    ])
    expect(await of('00-nonsense')).toBeUndefined()
    expect(await of(parent, '&user-property=traceparent=x')).toEqual([['traceparent', 'x']])
  })

  const ALL = {
    contentType: 'text/csv',
    messageExpiryInterval: 90,
    responseTopic: 'answers/1',
    correlationData: Buffer.from('id 7').toString('base64'),
  }

  it('has what the query says', async () => {
    const { post, published } = await hub()
    await post(
      'a?qos=2&retain&expiry=89500ms&content-type=text/csv&response-topic=answers/1&correlation=id%207' +
        '&user-property=a=1&user-property=b=x=y',
    )
    expect(published).toMatchObject([
      {
        qos: 2,
        retain: true,
        properties: {
          ...ALL,
          userProperties: [
            ['a', '1'],
            ['b', 'x=y'],
          ],
        },
      },
    ])
  })

  it('has what the headers say, where the query says nothing', async () => {
    const { post, published } = await hub()
    await post('a?qos=0', {
      headers: {
        'content-type': 'text/csv',
        'x-mqtt-qos': '2',
        'x-mqtt-retain': 'true',
        'x-mqtt-expiry': '90s',
        'x-mqtt-response-topic': 'answers/1',
        'x-mqtt-correlation': 'id 7',
        'x-mqtt-user-property': 'a=1',
      },
    })
    expect(published).toMatchObject([
      { qos: 0, retain: true, properties: { ...ALL, userProperties: [['a', '1']] } },
    ])
  })

  it('has no content type where curl or a form says that it is one of a form', async () => {
    const { post, published } = await hub()
    await post('a', { body: new URLSearchParams({ a: '1' }) })
    expect([published[0]?.properties, Buffer.from(published[0]!.payload).toString()]).toEqual([{}, 'a=1'])
  })

  it.each([
    ['a/+', 400, 'holds the wildcard +'],
    ['a%00', 400, 'topic name'],
    ['vigie/clients/x', 403, 'Only the hub publishes under vigie/'],
    ['$SYS/x', 403, 'Only the hub publishes under $SYS/'],
    ['a?qos=3', 400, 'qos'],
    ['a?expiry=soon', 400, 'expiry'],
    ['a?wait=1h', 400, 'must be between 1ms and 5m'],
    ['a?user-property=x', 400, 'must be NAME=VALUE'],
    ['a?response-topic=a/%23', 400, 'holds the wildcard #'],
    ['a?color=red', 400, 'color'],
  ])('is refused: %s', async (path, status, sentence) => {
    const { post, published } = await hub()
    expect(await post(path)).toEqual({ status, said: { error: expect.stringContaining(sentence) } })
    expect(published).toEqual([])
  })

  it('may be a command, as one of a client of this machine', async () => {
    expect((await (await hub()).post('vigie/commands/runaway/kill')).status).toBe(202)
  })

  it('is refused where it is too large, before it is read as a whole', async () => {
    const { post, published } = await hub()
    expect((await post('a', { body: 'x'.repeat(2_000) })).status).toBe(413)
    expect(published).toEqual([])
  })
})

describe('who waits', () => {
  it('is answered with the runs, when all have ended', async () => {
    const { post, decide, listeners, published } = await hub()
    const answered = post('a?wait=30s')
    await expect.poll(() => published.length).toBe(1)
    const done = { kind: 'done', result: { stdout: 'hello' } } as const
    const open = run(1, { state: 'running' })
    decide({ cursor: 1, newRuns: [{ run: open, steps: [step(1, '0', { state: 'running', attempt: 1 })] }] })
    decide({
      runs: [{ id: 1, state: 'done', startedAt: 1, endedAt: 2, reason: null }],
      steps: [{ ...stepChange(1, '0', 'done', 1), endedAt: 2, outcome: done }],
    })
    expect(await answered).toMatchObject({
      status: 200,
      said: { event: 1, runs: [{ id: 1, state: 'done', steps: [{ outcome: done }] }] },
    })
    expect(listeners()).toBe(0)
  })

  it('is answered at once where no rule fires', async () => {
    const { post, decide, published } = await hub()
    const answered = post('a?wait=30s')
    await expect.poll(() => published.length).toBe(1)
    decide({ cursor: 1 })
    expect(await answered).toEqual({ status: 200, said: { topic: 'a', event: 1, runs: [] } })
  })

  it('is told what is known when the time is over', async () => {
    const { post, decide, published } = await hub()
    const early = await post('a?wait=20ms')
    expect(early).toMatchObject({ status: 504, said: { event: 1, runs: [] } })
    expect(early.said['error']).toContain('the rules have not taken event 1 yet')
    const late = post('a?wait=1s')
    await expect.poll(() => published.length).toBe(2)
    decide({ cursor: 2, newRuns: [{ run: run(1, { event: 2, state: 'running' }), steps: [] }] })
    expect(await late).toMatchObject({
      status: 504,
      said: { error: expect.stringContaining('GET /api/events/2'), runs: [{ id: 1, state: 'running' }] },
    })
  })

  it('may go away: nobody listens for the runs any more', async () => {
    const { post, listeners } = await hub()
    const over = new AbortController()
    const answered = post('a?wait=30s', { signal: over.signal })
    await expect.poll(listeners).toBe(1)
    over.abort()
    await expect(answered).rejects.toThrow('aborted')
    await expect.poll(listeners).toBe(0)
  })
})
