// Covers `src/model/pause.ts`.

import { beforeEach, expect, test } from 'vitest'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { RuleMemory } from '../../../src/engine/plan/rule-memory.ts'
import { Sequence } from '../../../src/engine/plan/sequence.ts'
import type { Event } from '../../../src/model/event.ts'
import { pauseMessage } from '../../../src/model/pause.ts'
import type { Downtime } from '../../../src/model/store.ts'
import { NO_ALERTS, NO_PAUSES } from './nobody.ts'

let said: string[]
let memory: RuleMemory
beforeEach(() => {
  said = []
  memory = new RuleMemory(new Draft())
})

const sequence = (...downtimes: Downtime[]): Sequence =>
  new Sequence({
    root: 'vigie',
    memory,
    alerts: NO_ALERTS,
    pauses: NO_PAUSES,
    decisions: {
      take: ({ id }) => said.push(`event ${id}`),
      wake: ({ key }, at) => said.push(`wake ${key} ${at}`),
      downtime: (fromAt, toAt) => said.push(`downtime ${fromAt}-${toAt}`),
      clockSet: (fromAt, toAt) => said.push(`clock set ${fromAt}-${toAt}`),
    },
    downtimes,
    downtimeTaken: () => said.push('downtime taken'),
  })
const event = (id: number, at: number): Event => ({ id, at, topic: 'a' }) as Event
const wakeAt = (key: string, at: number): void => memory.restore([{ rule: 'r', key, state: {}, wakeAt: at }])

test('wakes that are due by an event come before it, in order of time', () => {
  wakeAt('late', 200)
  wakeAt('early', 100)
  wakeAt('later', 201)
  sequence().take(event(1, 200))
  expect(said).toEqual(['wake early 100', 'wake late 200', 'event 1'])
})

test('the time in which nobody watched comes after the events before it and before those since, once', () => {
  const those = sequence({ fromAt: 100, toAt: 200, clean: true })
  those.take(event(1, 99))
  those.take(event(2, 200))
  those.takeDowntimes()
  expect(said).toEqual(['event 1', 'downtime 100-200', 'downtime taken', 'event 2'])
})

test('what was due before the time in which nobody watched comes before it, in order of time', () => {
  wakeAt('late', 90)
  wakeAt('early', 80)
  wakeAt('since', 150)
  const those = sequence({ fromAt: 100, toAt: 200, clean: true })
  expect(those.takeDowntimes(() => true)).toBe(false)
  expect(said).toEqual(['wake early 80'])
  expect(those.takeDowntimes()).toBe(true)
  expect(said).toEqual(['wake early 80', 'wake late 90', 'downtime 100-200', 'downtime taken'])
})

test('times in which nobody watched come each in its place, also those of which a hub before this one has told nobody', () => {
  const those = sequence(
    { fromAt: 100, toAt: 200, clean: true },
    { fromAt: 210, toAt: 300, clean: false },
    { fromAt: 310, toAt: 400, clean: false },
  )
  those.take(event(1, 99))
  those.take(event(2, 205))
  those.take(event(3, 400))
  expect(said).toEqual([
    'event 1',
    'downtime 100-200',
    'downtime taken',
    'event 2',
    'downtime 210-300',
    'downtime taken',
    'downtime 310-400',
    'downtime taken',
    'event 3',
  ])
})

const pause = (id: number, fromAt: number, toAt: number): Event => ({
  ...event(id, toAt),
  ...(pauseMessage('vigie', { fromAt, toAt }) as Partial<Event>),
})

test('a pause of the hub counts as a downtime, after the wakes before it and before those that fell due in it', () => {
  wakeAt('before', 90)
  wakeAt('since', 150)
  const those = sequence()
  expect(those.take(pause(1, 100, 200), () => true)).toBe(false)
  expect(those.take(pause(1, 100, 200), () => true)).toBe(true)
  those.take(event(2, 200))
  expect(said).toEqual(['wake before 90', 'downtime 100-200', 'event 1', 'wake since 150', 'event 2'])
})

test('nobody but the hub can tell of a pause', () => {
  sequence().take({ ...pause(1, 100, 200), cause: { event: 1, run: 1, depth: 1 } })
  sequence().take({ ...pause(1, 100, 200), origin: 'live' })
  sequence().take({ ...pause(2, 100, 200), topic: 'else/hub/pause' })
  sequence().take({ ...pause(3, 100, 200), payload: Buffer.from('null') })
  expect(said).toEqual(['event 1', 'event 1', 'event 2', 'event 3'])
})

test('a clock that was found set at the start comes between the events before it and those since', () => {
  wakeAt('due', 900)
  wakeAt('later', 950)
  const clockSet = { byMs: -800, afterEvent: 2 }
  const those = sequence({ fromAt: 100, toAt: 100, clean: false, clockSet })
  those.take(event(1, 500))
  those.take(event(2, 890))
  those.take(event(3, 101))
  expect(said).toEqual([
    'event 1',
    'event 2',
    'wake due 900',
    'clock set 900-100',
    'downtime 100-100',
    'downtime taken',
    'event 3',
  ])
})

test('a clock that is set right tells how long nobody watched', () => {
  const those = sequence()
  those.clockSet({ fromAt: 150, toAt: 1_150, seenAt: 150, earlier: { upToAt: 100, byMs: 800 } })
  those.reachHead()
  expect(said).toEqual(['clock set 150-1150', 'downtime 900-1100'])
})

test('without an event since, it comes when none is left', () => {
  sequence({ fromAt: 100, toAt: 200, clean: true }).takeDowntimes()
  expect(said).toEqual(['downtime 100-200', 'downtime taken'])
})

test('a clock that was set comes after the events before it and before those since, whichever way it went', () => {
  const forward = sequence()
  forward.clockSet({ fromAt: 1_000, toAt: 9_000, seenAt: 900 })
  forward.take(event(1, 950))
  forward.take(event(2, 8_950))
  forward.clockSet({ fromAt: 9_500, toAt: 2_000, seenAt: 9_400 })
  forward.take(event(3, 9_450))
  forward.take(event(4, 1_950))
  expect(said).toEqual([
    'event 1',
    'clock set 1000-9000',
    'event 2',
    'event 3',
    'clock set 9500-2000',
    'event 4',
  ])
})

test('a clock that was set is told at the head of the journal at the latest', () => {
  const quiet = sequence()
  quiet.clockSet({ fromAt: 1_000, toAt: 9_000, seenAt: 900 })
  quiet.clockSet({ fromAt: 9_100, toAt: 1_100, seenAt: 9_000 })
  quiet.reachHead()
  quiet.reachHead()
  expect(said).toEqual(['clock set 1000-9000', 'clock set 9100-1100'])
})
