import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextBeat, phaseOf } from '../../../src/watch/pings/beat.ts'
import type { Beat } from '../../../src/watch/pings/beat.ts'

const anyBeat: fc.Arbitrary<Beat> = fc
  .record({
    phaseAt: fc.integer({ min: 0, max: 100_000 }),
    everyMs: fc.integer({ min: 1, max: 60_000 }),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
    name: fc.string(),
  })
  .map(({ share, ...beat }) => ({ ...beat, jitterMs: Math.floor(share * beat.everyMs) }))

/** The obvious way: moment after moment from the first, each looked at. */
function slowly(beat: Beat, fromAt: number, last: number): number {
  let n = last
  for (;;) {
    n++
    if (nextBeat(beat, -Infinity, n - 1).at >= fromAt) return n
  }
}

test('the moments of a ping lie one in each interval, in order, whenever they are asked for', () => {
  fc.assert(
    fc.property(anyBeat, fc.integer({ min: -1, max: 50 }), (beat, last) => {
      const { n, at } = nextBeat(beat, -Infinity, last)
      const planned = beat.phaseAt + n * beat.everyMs
      expect(n).toBe(last + 1)
      expect(at).toBeGreaterThanOrEqual(planned)
      expect(at).toBeLessThanOrEqual(planned + beat.jitterMs)
      expect(at).toBeLessThan(planned + beat.everyMs)
      expect(nextBeat(beat, -Infinity, last)).toEqual({ n, at })
    }),
  )
})

test('the next moment is the first that has not passed', () => {
  fc.assert(
    fc.property(anyBeat, fc.nat(200), fc.integer({ min: -1, max: 20 }), (beat, steps, last) => {
      const fromAt = beat.phaseAt + Math.floor((steps / 7) * beat.everyMs)
      expect(nextBeat(beat, fromAt, last).n).toBe(slowly(beat, fromAt, last))
    }),
  )
})

test('jitter differs from moment to moment and from ping to ping', () => {
  const beat = { phaseAt: 0, everyMs: 30_000, jitterMs: 30_000 - 1, name: 'a' }
  const offsets = (name: string): number[] =>
    Array.from({ length: 100 }, (_, n) => nextBeat({ ...beat, name }, -Infinity, n - 1).at - n * 30_000)
  const tenths = (name: string): number => new Set(offsets(name).map((at) => Math.floor(at / 3_000))).size
  expect(tenths('a')).toBe(10)
  expect(tenths('router')).toBe(10)
  expect(offsets('a')).not.toEqual(offsets('b'))
})

test('the first checks of few pings come soon, and those of many are spread over their interval', () => {
  const phases = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => phaseOf(index, count, 30_000))
  expect(phases(4)).toEqual([0, 250, 500, 750])
  const many = phases(1_000)
  expect([many[1], many.at(-1)]).toEqual([30, 29_970])
  expect(phaseOf(5, 1_000, 100)).toBeLessThan(100)
})
