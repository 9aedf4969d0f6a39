import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { SetClock } from '../../../src/journal/thread/set-clock.ts'

const HOUR_MS = 3_600_000

function watched() {
  const clock = new ManualClock(HOUR_MS)
  const noted: number[] = []
  let isFull = false
  const setClock = new SetClock(clock, (byMs) => {
    if (isFull) throw new Error('the disk is full')
    noted.push(byMs)
  })
  return { clock, noted, setClock, fill: (full: boolean) => (isFull = full) }
}

it.each([HOUR_MS, -HOUR_MS / 2])('notes before a commit that the clock was set by %d ms, once', (byMs) => {
  const { clock, noted, setClock } = watched()
  clock.set(clock.now() + byMs)
  setClock.glance()
  setClock.glance()
  setClock.look()
  expect(noted).toEqual([byMs])
})

it('takes time that goes by for what it is', () => {
  const { clock, noted, setClock } = watched()
  clock.advance(HOUR_MS)
  setClock.glance()
  expect(noted).toEqual([])
})

it('leaves a small change to the look of the heartbeat, and a slewed clock alone', () => {
  const { clock, noted, setClock } = watched()
  clock.set(clock.now() + 1_500)
  setClock.glance()
  expect(noted).toEqual([])
  setClock.look()
  expect(noted).toEqual([1_500])
  clock.set(clock.now() + 999)
  setClock.look()
  expect(noted).toEqual([1_500])
})

it('notes at the next commit what could not be written at this one', () => {
  const { clock, noted, setClock, fill } = watched()
  clock.set(clock.now() + HOUR_MS)
  fill(true)
  expect(() => setClock.glance()).toThrow('the disk is full')
  fill(false)
  setClock.glance()
  expect(noted).toEqual([HOUR_MS])
})
