import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { BelievedClock } from '../../../src/journal/forget/believed-clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

it('is believed as long as it goes on from where it was, however long nobody looks', () => {
  const clock = new ManualClock(1_000)
  const believed = new BelievedClock(clock, 1_000)
  expect(believed.now()).toBe(1_000)
  clock.advance(1_000 * HOUR)
  expect(believed.now()).toBe(1_000 * HOUR + 1_000)
})

it('is not believed for an hour after a leap forward, nor after one between two hubs', () => {
  const clock = new ManualClock(10 * HOUR)
  const believed = new BelievedClock(clock, 8 * HOUR)
  for (let minute = 0; minute < 60; minute++, clock.advance(MINUTE)) expect(believed.now()).toBeUndefined()
  expect(believed.now()).toBe(11 * HOUR)
  clock.set(1_000 * HOUR)
  expect(believed.now()).toBeUndefined()
  clock.advance(HOUR - 1)
  expect(believed.now()).toBeUndefined()
  clock.advance(1)
  expect(believed.now()).toBe(1_001 * HOUR)
})

it('is believed after a change back, and after a small one forward', () => {
  const clock = new ManualClock(10 * HOUR)
  const believed = new BelievedClock(clock, 20 * HOUR)
  expect(believed.now()).toBe(10 * HOUR)
  clock.set(HOUR)
  expect(believed.now()).toBe(HOUR)
  clock.set(2 * HOUR - 1)
  expect(believed.now()).toBe(2 * HOUR - 1)
})
