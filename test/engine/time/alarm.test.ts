import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Alarm } from '../../../src/engine/time/alarm.ts'

function setUp() {
  const clock = new ManualClock(1_000_000)
  const rung: number[] = []
  return { clock, rung, alarm: new Alarm(clock, () => rung.push(clock.now())) }
}

test('an alarm rings once, at its moment', () => {
  const { clock, rung, alarm } = setUp()
  alarm.set(1_060_000)
  clock.advance(59_999)
  expect(rung).toEqual([])
  clock.advance(100_000)
  expect(rung).toEqual([1_060_000])
})

test('the last setting counts, and null switches it off', () => {
  const { clock, rung, alarm } = setUp()
  alarm.set(1_000_500)
  alarm.set(1_000_700)
  clock.advance(600)
  expect(rung).toEqual([])
  alarm.set(null)
  clock.advance(600)
  expect(rung).toEqual([])
})

test('a clock that is set forward rings it within a second, one that is set back delays it', () => {
  const { clock, rung, alarm } = setUp()
  alarm.set(1_600_000)
  clock.advance(10)
  clock.set(1_700_000)
  clock.advance(1_000)
  expect(rung).toHaveLength(1)
  alarm.set(1_710_000)
  clock.set(1_500_000)
  clock.advance(60_000)
  expect(rung).toHaveLength(1)
})
