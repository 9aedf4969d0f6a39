// Covers `src/actions/perform.ts`.

import { describe, expect, test } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import { ManualClock } from '../../src/base/clock.ts'
import type { AlertSpec } from '../../src/model/action.ts'
import { desk, manner } from './attempt.ts'

const alert = (more: Partial<AlertSpec> = {}): AlertSpec => ({
  kind: 'alert',
  title: 'The door is open',
  body: 'for ten minutes',
  severity: 'warning',
  key: 'door/hall',
  resolve: false,
  ...manner,
  ...more,
})
const resolved = alert({ resolve: true })
const at = (seconds: number): string => new Date(seconds * 1_000).toISOString()

/** A desk on which several runs raise alerts. */
function house() {
  const clock = new ManualClock(0)
  const { context, published } = desk({}, { clock })
  let run = 0
  const raise = (spec: AlertSpec) => perform(spec, { ...context, run: ++run })
  const last = (): unknown => JSON.parse(String(published.at(-1)?.payload))
  return { clock, context, published, raise, last }
}

describe('an alert', () => {
  test('that is larger than a packet of 16 MiB is not raised, and not tried again', async () => {
    const { published, raise } = house()
    expect(await raise(alert({ body: 'a'.repeat(16 * 2 ** 20) }))).toMatchObject({
      kind: 'give-up',
      reason: expect.stringMatching(/^nothing was published to vigie\/alerts\/door\/hall: .* 16 MiB/),
    })
    expect(published).toEqual([])
  })

  test('is a retained message under its key, with its cause', async () => {
    const { published, raise, last } = house()
    expect(await raise(alert())).toMatchObject({ kind: 'done', result: { state: 'firing', count: 1 } })
    expect(published[0]).toMatchObject({
      topic: 'vigie/alerts/door/hall',
      retain: true,
      qos: 1,
      origin: 'hub',
      cause: { event: 7, run: 1, depth: 1 },
    })
    expect(last()).toMatchObject({
      key: 'door/hall',
      state: 'firing',
      title: 'The door is open',
      body: 'for ten minutes',
      severity: 'warning',
      since: at(0),
      at: at(0),
      count: 1,
      rule: 'door-open',
    })
  })

  test('counts how often it is raised, from when it began, until it is resolved', async () => {
    const { clock, raise, last } = house()
    await raise(alert())
    clock.advance(5_000)
    await raise(alert({ title: 'Still open' }))
    expect(last()).toMatchObject({ state: 'firing', title: 'Still open', since: at(0), at: at(5), count: 2 })
    clock.advance(5_000)
    await raise(resolved)
    expect(last()).toMatchObject({ state: 'resolved', since: at(10), at: at(10), count: 2 })
    clock.advance(5_000)
    await raise(alert())
    expect(last()).toMatchObject({ state: 'firing', since: at(15), count: 1 })
  })

  test('that is not firing is resolved without a word', async () => {
    const { raise, published } = house()
    expect(await raise(resolved)).toEqual({ kind: 'done', result: { state: 'resolved', wasFiring: false } })
    await raise(alert())
    await raise(resolved)
    await raise(resolved)
    expect(published).toHaveLength(2)
  })

  test('raised again by the same step, as after a crash, is not counted twice', async () => {
    const { context, published } = house()
    await perform(alert(), context)
    await perform(alert(), { ...context, attempt: 2 })
    expect(published).toHaveLength(1)
  })

  test('raised by many at one moment counts every one', async () => {
    const { raise, last } = house()
    await Promise.all(Array.from({ length: 20 }, () => raise(alert())))
    expect(last()).toMatchObject({ count: 20 })
  })

  test('overwrites what somebody else has left there', async () => {
    const { context, published } = desk({}, { last: () => Buffer.from('not JSON') })
    expect(await perform(alert(), context)).toMatchObject({ kind: 'done', result: { count: 1 } })
    expect(published).toHaveLength(1)
  })
})
