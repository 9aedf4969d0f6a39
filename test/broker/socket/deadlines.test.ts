import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Deadlines, type Watched } from '../../../src/broker/socket/deadlines.ts'

function start() {
  const clock = new ManualClock(1_000_500)
  const deadlines = new Deadlines(clock)
  const missed: string[] = []
  const watch = (name: string, dueAt: (sinceAt: number) => number) => {
    let sinceAt = clock.now()
    const watched: Watched = {
      watchedUntil: null,
      dueAt: () => dueAt(sinceAt),
      onDue: () => void missed.push(name),
      beginAnew: () => void (sinceAt = clock.now()),
    }
    deadlines.watch(watched)
    return watched
  }
  return { clock, deadlines, missed, watch }
}

it('calls back within a quarter of a second after the deadline, once, and never before', () => {
  const { clock, missed, watch } = start()
  watch('a', () => 1_010_000)
  clock.advance(9_499)
  expect(missed).toEqual([])
  clock.advance(251)
  expect(missed).toEqual(['a'])
  clock.advance(60_000)
  expect(missed).toEqual(['a'])
})

it('goes by the deadline as it is when it is looked at', () => {
  const { clock, missed, watch } = start()
  let heardAt = clock.now()
  watch('a', () => heardAt + 5_000)
  for (let n = 0; n < 20; n++) {
    clock.advance(4_000)
    heardAt = clock.now()
  }
  expect(missed).toEqual([])
  clock.advance(7_000)
  expect(missed).toEqual(['a'])
})

it('forgets what is not watched any more, or never due', () => {
  const { clock, deadlines, missed, watch } = start()
  deadlines.unwatch(watch('a', () => 1_005_000))
  watch('b', () => Infinity)
  clock.advance(60_000)
  expect(missed).toEqual([])
})

it('looks at all that fell due when a timer was late', () => {
  const { clock, missed, watch } = start()
  for (let n = 0; n < 5; n++) watch(String(n), () => 1_001_000 + n * 100)
  clock.stall(1_100)
  clock.advance(0)
  expect(missed.toSorted()).toEqual(['0', '1', '2', '3', '4'])
})

it('reads what has come before it judges', () => {
  const { clock, missed, watch } = start()
  let heardAt = clock.now()
  watch('a', () => heardAt + 500)
  clock.stall(1_100)
  clock.after(0, () => (heardAt = clock.now()))
  clock.advance(0)
  expect(missed).toEqual([])
  clock.advance(4_000)
  expect(missed).toEqual(['a'])
})

it('begins anew when the loop was held up', () => {
  const { clock, missed, watch } = start()
  watch('a', (sinceAt) => sinceAt + 10_000)
  clock.advance(8_000)
  clock.stall(30_000)
  clock.advance(9_000)
  expect(missed).toEqual([])
  clock.advance(3_000)
  expect(missed).toEqual(['a'])
})

it.each([3_600_000, -3_600_000])('begins anew when the clock was set by %i ms', (byMs) => {
  const { clock, missed, watch } = start()
  watch('a', (sinceAt) => sinceAt + 10_000)
  clock.advance(8_000)
  clock.set(clock.now() + byMs)
  clock.advance(9_000)
  expect(missed).toEqual([])
  clock.advance(4_000)
  expect(missed).toEqual(['a'])
})

it('stops', () => {
  const { clock, deadlines, missed, watch } = start()
  watch('a', () => 1_005_000)
  deadlines.stop()
  clock.advance(60_000)
  expect(missed).toEqual([])
})
