import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ClockWatch } from '../../../src/engine/time/clock-watch.ts'
import type { ClockChange } from '../../../src/engine/time/clock-watch.ts'

function setUp() {
  const clock = new ManualClock(1_000_000)
  const changes: ClockChange[] = []
  const watch = new ClockWatch(clock, (change) => changes.push(change))
  watch.start()
  return { clock, changes, watch }
}

test('time that passes is no change', () => {
  const { clock, changes } = setUp()
  clock.advance(3_600_000)
  expect(changes).toEqual([])
})

test('a clock that is set forward or back is noticed within a second, once', () => {
  const { clock, changes } = setUp()
  clock.advance(500)
  clock.set(9_000_000)
  clock.advance(10_000)
  expect(changes).toEqual([{ fromAt: 1_001_000, toAt: 9_000_500, seenAt: 1_000_000 }])
  clock.set(2_000_000)
  clock.advance(10_000)
  expect(changes).toHaveLength(2)
  expect(changes[1]!.toAt - changes[1]!.fromAt).toBe(2_000_000 - 9_010_000)
})

test('a look reports a change at once', () => {
  const { clock, changes, watch } = setUp()
  clock.set(500_000)
  watch.look()
  expect(changes).toEqual([{ fromAt: 1_000_000, toAt: 500_000, seenAt: 1_000_000 }])
})

test('a clock that is slewed is followed', () => {
  const { clock, changes } = setUp()
  for (let second = 0; second < 1_000; second++) {
    clock.advance(1_000)
    clock.set(clock.now() + 1)
  }
  expect(changes).toEqual([])
})

test('a look reads the costly clock only when the wall clock has not kept pace with the cheap one', () => {
  const { clock, changes } = setUp()
  let [reads, asleep] = [0, 0]
  const counted = {
    now: () => clock.now(),
    steady: () => (reads++, clock.steady()),
    awake: () => clock.awake() - asleep,
    after: () => () => {},
  }
  const watch = new ClockWatch(counted, (change) => changes.push(change))
  reads = 0
  clock.advance(500)
  watch.look()
  expect(reads).toBe(0)
  clock.suspend(60_000)
  asleep = 60_000
  watch.look()
  expect(reads).toBeGreaterThan(0)
  expect(changes).toEqual([])
  clock.set(clock.now() + 100)
  watch.look()
  expect(changes).toHaveLength(1)
})

test('a look that took long says nothing', () => {
  const { clock, changes } = setUp()
  let calls = 0
  const slow = {
    now: () => clock.now() + calls * 5_000,
    steady: () => calls++ * 1_000,
    awake: () => 0,
    after: () => () => {},
  }
  const watch = new ClockWatch(slow, (change) => changes.push(change))
  watch.look()
  expect(changes).toEqual([])
})

test('nothing is told once it has stopped', async () => {
  const { clock, changes, watch } = setUp()
  await watch.stop()
  clock.set(0)
  clock.advance(60_000)
  expect(changes).toEqual([])
})

test('a look before the start is right', () => {
  const { clock, changes } = setUp()
  const watch = new ClockWatch(clock, (change) => changes.push(change))
  clock.advance(50)
  watch.look()
  expect(changes).toEqual([])
})
