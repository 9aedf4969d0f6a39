import { expect, it } from 'vitest'
import { behindOf, downtimesOf } from '../../../src/journal/database/lifetimes.ts'
import { openBench, openRaw } from '../fixtures.ts'
import { event, run, step } from '../nouns.ts'

const HOUR = 3_600_000
const NOON = 500 * HOUR

/**
 * The folder of a hub that was killed at noon. A client disconnected ten minutes before; its will and a step
 * are due five minutes after.
 */
function killedAtNoon() {
  const { dataDir, writer } = openBench({ now: NOON - HOUR })
  const [session, client] = [1, 'a']
  const will = { topic: 'w', payload: Buffer.alloc(0), qos: 1 as const, retain: false, properties: null }
  writer.commit({
    events: [event(1, { at: NOON })],
    sessions: [
      { kind: 'opened', session, client, user: null, realm: null, expirySeconds: 1_800, acknowledgedUpTo: 0 },
      { kind: 'will', will: { ...will, session, client, delaySeconds: 900, dueAt: null } },
      { kind: 'left', session, goneAt: NOON - 600_000 },
      { kind: 'will-due', session, dueAt: NOON + 300_000 },
    ],
    changes: [
      {
        newRuns: [{ run: run(1), steps: [{ ...step(1, '0'), state: 'waiting', wakeAt: NOON + 300_000 }] }],
      },
    ],
  })
  return dataDir
}

const momentsIn = (dataDir: string) =>
  openRaw(dataDir)
    .prepare('SELECT gone_at AS goneAt, due_at AS dueAt, wake_at AS wakeAt FROM sessions, wills, steps')
    .get()

it('measures what is stored against the last moment that it knows when the clock is behind', () => {
  const dataDir = killedAtNoon()
  const { writer } = openBench({ dataDir, now: NOON - HOUR })
  const clockSet = { byMs: -HOUR, afterEvent: 1 }
  expect(writer.downtime).toEqual({ fromAt: NOON - HOUR, toAt: NOON - HOUR, clean: false, clockSet })
  expect(behindOf(openRaw(dataDir))).toEqual({ startedAt: NOON - HOUR, behindMs: HOUR })
  const [goneAt, dueAt] = [NOON - HOUR - 600_000, NOON - HOUR + 300_000]
  expect(momentsIn(dataDir)).toEqual({ goneAt, dueAt, wakeAt: dueAt })
})

it('comes back to the moments that were meant when the clock is set right', () => {
  const dataDir = killedAtNoon()
  const { writer, clock } = openBench({ dataDir, now: NOON - HOUR })
  clock.advance(60_000)
  clock.set(NOON + 120_000)
  writer.beat()
  // The engine moves the steps, since it knows what it has begun meanwhile.
  expect(momentsIn(dataDir)).toMatchObject({ goneAt: NOON - 600_000, dueAt: NOON + 300_000 })
  expect(behindOf(openRaw(dataDir)).behindMs).toBe(0)
})

it('comes back to them when the clock is right at the next start, too', () => {
  const dataDir = killedAtNoon()
  const { clock } = openBench({ dataDir, now: NOON - HOUR })
  clock.advance(60_000)
  const { writer } = openBench({ dataDir, now: NOON + 120_000 })
  const clockSet = { byMs: HOUR, afterEvent: 1 }
  expect(writer.downtime).toMatchObject({ fromAt: NOON, toAt: NOON + 120_000, clockSet })
  const dueAt = NOON + 300_000
  expect(momentsIn(dataDir)).toEqual({ goneAt: NOON - 600_000, dueAt, wakeAt: dueAt })
  expect(downtimesOf(openRaw(dataDir))).toHaveLength(2)
})

it('knows that the clock is right when the hub is killed after the first event by the new time', () => {
  const dataDir = killedAtNoon()
  const { writer, clock } = openBench({ dataDir, now: NOON - HOUR })
  clock.advance(60_000)
  clock.set(NOON + 120_000)
  writer.commit({ events: [event(2, { at: NOON + 120_000 })] })
  const next = openBench({ dataDir, now: NOON + 130_000 })
  expect(behindOf(openRaw(dataDir)).behindMs).toBe(0)
  expect(next.writer.downtime).toEqual({ fromAt: NOON + 120_000, toAt: NOON + 130_000, clean: false })
  expect(momentsIn(dataDir)).toMatchObject({ goneAt: NOON - 600_000, dueAt: NOON + 300_000 })
})

it('remembers how the clock was set, so that each event has the time that was meant', () => {
  const dataDir = killedAtNoon()
  const { writer, clock } = openBench({ dataDir, now: NOON - HOUR })
  const behind = { afterEvent: 1, byMs: -HOUR }
  expect(writer.clockSets()).toEqual([behind])
  writer.commit({ events: [event(2, { at: NOON - HOUR })] })
  clock.advance(60_000)
  clock.set(NOON + 120_000)
  writer.commit({ events: [event(3, { at: NOON + 120_000 })] })
  const { writer: next } = openBench({ dataDir, now: NOON + 130_000 })
  const momentOf = (id: number, at: number): number =>
    next.clockSets().reduce((sum, { afterEvent, byMs }) => (id <= afterEvent ? sum + byMs : sum), at)
  expect(momentOf(1, NOON)).toBe(NOON)
  expect(momentOf(2, NOON - HOUR)).toBe(NOON + 60_000)
  expect(momentOf(3, NOON + 120_000)).toBe(NOON + 120_000)
})

it('takes a clock that goes on from where it was for as wrong as before', () => {
  const dataDir = killedAtNoon()
  openBench({ dataDir, now: NOON - HOUR })
  const { writer } = openBench({ dataDir, now: NOON - HOUR + 30_000 })
  expect(writer.downtime).toEqual({ fromAt: NOON - HOUR, toAt: NOON - HOUR + 30_000, clean: false })
  expect(behindOf(openRaw(dataDir)).behindMs).toBe(HOUR)
})
