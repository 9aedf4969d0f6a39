import { beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { PauseWatch } from '../../../src/broker/socket/pause-watch.ts'
import type { Pause } from '../../../src/model/pause.ts'

let clock: ManualClock
let watch: PauseWatch
let pauses: Pause[]
beforeEach(() => {
  clock = new ManualClock(1_000_000)
  pauses = []
  watch = new PauseWatch(clock, (pause) => pauses.push(pause))
  watch.start()
})

it('finds a pause before the first thing that comes after it, and once', () => {
  clock.advance(10_200)
  watch.look(clock.now())
  clock.stall(30_000)
  watch.look(clock.now())
  expect(pauses).toEqual([{ fromAt: 1_010_200, toAt: 1_040_200 }])
  clock.advance(60_000)
  watch.look(clock.now())
  expect(pauses).toHaveLength(1)
})

it('finds a pause by its own timer when nothing comes', () => {
  clock.advance(10_000)
  clock.stall(30_000)
  clock.advance(0)
  expect(pauses).toEqual([{ fromAt: 1_010_000, toAt: 1_040_000 }])
})

it('takes no clock that is set for a pause', () => {
  for (const by of [60_000, -60_000, 1_000_000_000]) {
    clock.advance(10_000)
    clock.set(clock.now() + by)
    watch.look(clock.now())
  }
  clock.advance(10_000)
  expect(pauses).toEqual([])
})

it('tells a pause by the new time when the clock was set meanwhile, back or forward', () => {
  for (const by of [-25_000, -3_600_000, 3_600_000]) {
    clock.advance(10_000)
    clock.stall(30_000)
    clock.set(clock.now() + by)
    clock.advance(0)
    expect(pauses.pop()).toEqual({ fromAt: clock.now() - 30_000, toAt: clock.now() })
  }
})

it('takes a loop that is late by less than a second for no pause', () => {
  for (let n = 0; n < 20; n++) {
    clock.stall(999)
    clock.advance(300)
  }
  expect(pauses).toEqual([])
})

it('finds nothing once it is stopped', () => {
  watch.stop()
  clock.stall(30_000)
  watch.look(clock.now())
  expect(pauses).toEqual([])
})
