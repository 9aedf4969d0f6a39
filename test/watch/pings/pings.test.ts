import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { Publication } from '../../../src/model/event.ts'
import type { PingSpec } from '../../../src/model/probe.ts'
import type { Check } from '../../../src/watch/probes/check.ts'
import { openSecrets } from '../../../src/secrets/secrets.ts'
import { Pings } from '../../../src/watch/pings/pings.ts'
import type { PingPorts } from '../../../src/watch/pings/pings.ts'

const ping = (name: string, more: Partial<PingSpec> = {}): PingSpec => ({
  name,
  target: { kind: 'host', host: '127.0.0.1' },
  everyMs: 30_000,
  jitterMs: 0,
  timeoutMs: 5_000,
  fails: 2,
  recovers: 1,
  flapping: null,
  dependsOn: [],
  isReference: false,
  ...more,
})

/** A hub whose checks are answered by hand. */
function harbour(pings: readonly PingSpec[], ports: Partial<PingPorts> = {}) {
  const clock = new ManualClock(0)
  const published: Publication[] = []
  const minutes: Publication[] = []
  const warnings: string[] = []
  const open: { name: string; at: number; signal: AbortSignal; answer: (check: Check) => void }[] = []
  const watch = new Pings(pings, {
    root: 'vigie',
    clock,
    log: {
      ...silentLog,
      warn: (_facts: unknown, text: string) => void warnings.push(text),
      error: () => {},
    } as never,
    publish: async (publication) =>
      (publication.topic.endsWith('/minute') ? minutes : published).push(publication),
    secrets: openSecrets({}, null),
    last: () => undefined,
    within: (_ping, code) => code(),
    isLeftAlone: () => false,
    check: ({ name }, { signal }) =>
      new Promise((answer) => {
        open.push({ name, at: clock.now(), signal, answer })
      }),
    ...ports,
  })
  /** Lets all that is ready run. */
  const settle = (): Promise<void> => setImmediate()
  const answer = async (check: Check): Promise<void> => {
    open.shift()?.answer(check)
    await settle()
  }
  const reports = (): unknown[] => published.map(({ payload }) => JSON.parse(Buffer.from(payload).toString()))
  return { clock, published, minutes, reports, warnings, open, watch, settle, answer }
}

const good: Check = { kind: 'good', latencyMs: 1 }
const failed: Check = { kind: 'failed', reason: 'no reply' }

describe('pings', () => {
  test('whose pattern took the engine down are not checked, and it is said why', async () => {
    const { watch, clock, settle, open, reports, warnings } = harbour([ping('router')], {
      isLeftAlone: () => true,
    })
    watch.start()
    for (let check = 0; check < 2; check++) {
      clock.advance(check * 30_000)
      await settle()
      await settle()
    }
    expect(open).toEqual([])
    expect(reports()).toMatchObject([
      { state: 'unknown', reason: expect.stringMatching(/took the engine down/) },
    ])
    expect(watch.status()).toMatchObject([{ name: 'router', isUnable: true }])
    expect(warnings).toHaveLength(1)
  })

  test('publish a change of state once, retained', async () => {
    const { watch, clock, open, answer, published, reports } = harbour([ping('router')])
    watch.start()
    clock.advance(0)
    for (const check of [good, failed, failed, failed, good]) {
      await answer(check)
      clock.advance(30_000)
    }
    expect(published).toHaveLength(3)
    expect(published[0]).toMatchObject({
      topic: 'vigie/ping/router',
      retain: true,
      qos: 1,
      origin: 'hub',
      cause: null,
    })
    expect(reports()).toMatchObject([
      { state: 'up', previous: 'unknown' },
      { state: 'down' },
      { state: 'up', previous: 'down' },
    ])
    expect(open).toHaveLength(1)
    const stopped = watch.stop()
    await answer(good)
    await stopped
  })

  test('take a restart for no change', async () => {
    const last = (topic: string): Uint8Array | undefined =>
      topic === 'vigie/ping/router' ? Buffer.from('{"state":"down"}') : undefined
    const { watch, clock, answer, published } = harbour([ping('router')], { last })
    watch.start()
    clock.advance(0)
    await answer(failed)
    clock.advance(30_000)
    await answer(failed)
    expect(published).toEqual([])
    await watch.stop()
  })

  test('are spread over time, and no more are checked together than their lane is wide', async () => {
    const many = Array.from({ length: 600 }, (_, index) => ping(`p${index}`))
    const { watch, clock, open, answer, settle } = harbour(many)
    watch.start()
    clock.advance(200)
    expect(open.map(({ at }) => at)).toEqual([0, 50, 100, 150, 200])
    clock.advance(29_800)
    // Each check may be a process.
    expect(open).toHaveLength(256)
    await answer(good)
    await settle()
    expect(open).toHaveLength(256)
    expect(open.at(-1)?.name).toBe('p256')
    const stopped = watch.stop()
    for (const each of open) each.answer(failed)
    await stopped
  })

  test('are never checked twice at a time; moments that pass meanwhile are left out, the others are kept', async () => {
    const { watch, clock, open, answer } = harbour([ping('slow')])
    watch.start()
    clock.advance(100_000)
    expect(open).toHaveLength(1)
    await answer(good)
    expect(open).toEqual([])
    const begun: number[] = []
    for (const tookMs of [0, 7_000, 40_000, 1, 0]) {
      while (open.length === 0) clock.advance(1_000)
      begun.push(open[0]!.at)
      clock.advance(tookMs)
      await answer(good)
    }
    expect(begun).toEqual([120_000, 150_000, 180_000, 240_000, 270_000])
    await watch.stop()
  })

  test('say each minute what their checks came to, and what is left of it at the stop', async () => {
    const { watch, clock, answer, minutes } = harbour([ping('router', { everyMs: 10_000 })])
    const told = () =>
      minutes.splice(0).map(({ topic, retain, payload }) => [topic, retain, JSON.parse(String(payload))])
    watch.start()
    clock.advance(0)
    for (const check of [good, failed, { ...good, latencyMs: 9 }, { ...good, latencyMs: 4 }, failed, good]) {
      await answer(check)
      clock.advance(10_000)
    }
    const topic = 'vigie/ping/router/minute'
    const from = (at: number): string => new Date(at).toISOString()
    expect(told()).toEqual([
      [topic, false, { from: from(0), checks: 6, failed: 2, minMs: 1, medianMs: 1, maxMs: 9 }],
    ])
    await answer(failed)
    clock.advance(10_000)
    await answer({ kind: 'unable', reason: 'x' })
    await watch.stop()
    expect(told()).toEqual([
      [topic, false, { from: from(60_000), checks: 1, failed: 1, minMs: null, medianMs: null, maxMs: null }],
    ])
  })

  test('are given up after their timeout', async () => {
    const { watch, clock, open, answer } = harbour([ping('far', { timeoutMs: 5_000 })])
    watch.start()
    clock.advance(0)
    const [check] = open
    clock.advance(4_999)
    expect(check?.signal.aborted).toBe(false)
    clock.advance(1)
    expect(check?.signal.reason).toEqual(new Error('no answer within 5s'))
    await answer(failed)
    await watch.stop()
  })

  test('say again what could not be committed', async () => {
    let isFull = true
    const published: Publication[] = []
    const publish = async (publication: Publication): Promise<number> => {
      if (isFull) throw new Error('the disk is full')
      return published.push(publication)
    }
    const { watch, clock, answer } = harbour([ping('router')], { publish })
    watch.start()
    clock.advance(0)
    await answer(good)
    isFull = false
    clock.advance(30_000)
    await answer(good)
    expect(published).toHaveLength(1)
    await watch.stop()
  })

  test('say once why they cannot be checked, and do not call that down', async () => {
    const { watch, clock, answer, published, reports, warnings } = harbour([ping('router')])
    watch.start()
    for (let time = 0; time < 5; time++) {
      clock.advance(30_000)
      await answer({ kind: 'unable', reason: 'there is no program "ping"' })
    }
    expect(reports()).toEqual([
      {
        state: 'unknown',
        previous: 'unknown',
        since: new Date(30_000).toISOString(),
        latencyMs: null,
        reason: 'there is no program "ping"',
      },
    ])
    expect(published[0]).toMatchObject({ topic: 'vigie/ping/router', retain: true })
    expect(warnings).toEqual(['ping "router" cannot be checked: there is no program "ping"'])
    expect(watch.status()).toMatchObject([
      { name: 'router', state: 'unknown', reason: 'there is no program "ping"', isUnable: true },
    ])
    await watch.stop()
  })

  test('are listed with their states, also before the first check and right after a restart', async () => {
    const left = { state: 'down', previous: 'up', since: new Date(0).toISOString(), reason: 'no reply' }
    const last = (topic: string): Uint8Array | undefined =>
      topic === 'vigie/ping/site' ? Buffer.from(JSON.stringify(left)) : undefined
    const { watch, clock, answer } = harbour([ping('router'), ping('site')], { last })
    watch.start()
    const none = { kind: 'host', latencyMs: null, checkedAt: null, mutedBy: null, isUnable: false }
    const soon = (at: number) => ({ nextAt: new Date(at).toISOString() })
    const router = { ...none, ...soon(0), name: 'router', state: 'unknown', since: null, reason: '' }
    const site = { ...none, ...soon(250), name: 'site', state: 'down', since: left.since, reason: 'no reply' }
    expect(watch.status()).toEqual([router, site])
    clock.advance(0)
    expect(watch.status()).toEqual([{ ...router, nextAt: null }, site])
    await answer(good)
    const checked = { state: 'up', since: left.since, latencyMs: 1, checkedAt: left.since, ...soon(30_000) }
    expect(watch.status()).toEqual([{ ...router, ...checked }, site])
    await watch.stop()
  })

  test('are not taken for down by a hub that was not there to hear the answer', async () => {
    const { watch, clock, open, answer, published } = harbour([ping('far', { fails: 1 })])
    watch.start()
    clock.advance(0)
    await answer(good)
    clock.advance(30_000)
    // Suspended for a minute: what is due meanwhile is called back when it goes on.
    clock.stall(60_000)
    clock.advance(0)
    expect(open[0]?.signal.reason).toEqual(new Error('no answer within 5s'))
    await answer({ kind: 'failed', reason: 'no answer within 5s' })
    expect(published).toHaveLength(1)
    // The next check is made at once, and counts.
    clock.advance(0)
    expect(open).toHaveLength(1)
    clock.advance(5_000)
    await answer({ kind: 'failed', reason: 'no answer within 5s' })
    expect(published).toHaveLength(2)
    await watch.stop()
  })

  test('are made again once for each moment, so that a machine that is only busy is not given more to do', async () => {
    const { watch, clock, open, answer } = harbour([ping('far')])
    watch.start()
    clock.advance(0)
    clock.stall(60_000)
    await answer(failed)
    expect(open.map(({ at }) => at)).toEqual([60_000])
    clock.stall(15_000)
    await answer(failed)
    expect(open).toEqual([])
    clock.advance(15_000)
    expect(open.map(({ at }) => at)).toEqual([90_000])
    await answer(failed)
    clock.advance(30_000)
    expect(open.map(({ at }) => at)).toEqual([120_000])
    const stopped = watch.stop()
    await answer(good)
    await stopped
  })

  test('end quietly: a check under way is ended and decides nothing', async () => {
    const { watch, clock, open, answer, published } = harbour([ping('router')])
    watch.start()
    clock.advance(0)
    const stopped = watch.stop()
    expect(open[0]?.signal.aborted).toBe(true)
    await answer(good)
    await stopped
    await watch.stop()
    clock.advance(1_000_000)
    expect(open).toEqual([])
    expect(published).toEqual([])
  })
})
