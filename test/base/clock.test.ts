import { expect, it } from 'vitest'
import { ManualClock, systemClock } from '../../src/base/clock.ts'

it('calls back in order of time, also what is set on the way', () => {
  const clock = new ManualClock(1_000)
  const seen: [string, number][] = []
  clock.after(30, () => seen.push(['late', clock.now()]))
  clock.after(10, () => {
    seen.push(['early', clock.now()])
    clock.after(5, () => seen.push(['nested', clock.now()]))
  })
  clock.advance(30)
  expect(seen).toEqual([
    ['early', 1_010],
    ['nested', 1_015],
    ['late', 1_030],
  ])
  expect(clock.now()).toBe(1_030)
})

it('does not call back what was cancelled', () => {
  const clock = new ManualClock()
  let called = 0
  clock.after(10, () => called++)()
  clock.advance(100)
  expect(called).toBe(0)
})

it('keeps the length of a wait when the wall clock is set back', () => {
  const clock = new ManualClock(1_000_000)
  let calledAt = 0
  clock.after(100, () => (calledAt = clock.now()))
  clock.set(0)
  clock.advance(99)
  expect(calledAt).toBe(0)
  clock.advance(1)
  expect(calledAt).toBe(100)
})

it('does not fire at once when the wait is longer than what setTimeout can take', async () => {
  let called = false
  const cancel = systemClock.after(2 ** 31 + 1_000, () => (called = true))
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(called).toBe(false)
  cancel()
})
