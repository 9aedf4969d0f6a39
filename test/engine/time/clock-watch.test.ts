import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ClockWatch } from '../../../src/engine/time/clock-watch.ts'
import type { ClockStep } from '../../../src/engine/time/clock-watch.ts'

function setUp() {
  const clock = new ManualClock(1_000_000)
  const steps: ClockStep[] = []
  const watch = new ClockWatch(clock, (step) => steps.push(step))
  watch.start()
  return { clock, steps, watch }
}

test('time that passes is no step', () => {
  const { clock, steps } = setUp()
  clock.advance(3_600_000)
  expect(steps).toEqual([])
})

test('a clock that is set forward or back is noticed within a second, once', () => {
  const { clock, steps } = setUp()
  clock.advance(500)
  clock.step(9_000_000)
  clock.advance(10_000)
  expect(steps).toEqual([{ fromAt: 1_001_000, toAt: 9_000_500, seenAt: 1_000_000 }])
  clock.step(2_000_000)
  clock.advance(10_000)
  expect(steps).toHaveLength(2)
  expect(steps[1]!.toAt - steps[1]!.fromAt).toBe(2_000_000 - 9_010_000)
})

test('a look tells a step at once', () => {
  const { clock, steps, watch } = setUp()
  clock.step(500_000)
  watch.look()
  expect(steps).toEqual([{ fromAt: 1_000_000, toAt: 500_000, seenAt: 1_000_000 }])
})

test('a clock that is slewed is followed', () => {
  const { clock, steps } = setUp()
  for (let second = 0; second < 1_000; second++) {
    clock.advance(1_000)
    clock.step(clock.now() + 1)
  }
  expect(steps).toEqual([])
})

test('a look that took long says nothing', () => {
  const { clock, steps } = setUp()
  let calls = 0
  const slow = { now: () => clock.now() + 5_000, steady: () => calls++ * 1_000, after: () => () => {} }
  const watch = new ClockWatch(slow, (step) => steps.push(step))
  watch.look()
  expect(steps).toEqual([])
})

test('nothing is told once it has stopped', async () => {
  const { clock, steps, watch } = setUp()
  await watch.stop()
  clock.step(0)
  clock.advance(60_000)
  expect(steps).toEqual([])
})

test('a look before the start is right', () => {
  const { clock, steps } = setUp()
  const watch = new ClockWatch(clock, (step) => steps.push(step))
  clock.advance(50)
  watch.look()
  expect(steps).toEqual([])
})
