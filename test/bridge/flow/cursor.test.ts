import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Cursor } from '../../../src/bridge/flow/cursor.ts'

/** The slow model: the newest event below which all that were taken are acknowledged. */
function slowly(begun: number, upTo: number, taken: ReadonlySet<number>, done: ReadonlySet<number>): number {
  for (let event = begun + 1; event <= upTo; event++)
    if (taken.has(event) && !done.has(event)) return event - 1
  return upTo
}

it('stands before the oldest event that is not acknowledged, in whatever order they are', () => {
  const move = fc.oneof(
    fc.record({ take: fc.array(fc.boolean(), { maxLength: 6 }) }),
    fc.record({ acknowledge: fc.nat() }),
  )
  fc.assert(
    fc.property(fc.array(move), fc.array(fc.integer({ min: 11, max: 40 })), (moves, ahead) => {
      const cursor = new Cursor(10)
      const before = [...new Set(ahead)].toSorted((a, b) => a - b)
      cursor.take(before, 0)
      const taken = new Set(before)
      const done = new Set<number>()
      let upTo = 10
      for (const each of moves) {
        if ('take' in each) {
          const events = each.take.flatMap((is, index) => (is ? [upTo + 1 + index] : []))
          const fresh = events.filter((event) => !taken.has(event))
          upTo += each.take.length
          for (const event of fresh) taken.add(event)
          cursor.take(fresh, upTo)
        } else {
          const open = [...taken].filter((event) => !done.has(event))
          const event = open[each.acknowledge % Math.max(1, open.length)]
          if (event === undefined) continue
          done.add(event)
          cursor.acknowledged(event)
        }
        expect(cursor.acknowledgedUpTo).toBe(slowly(10, upTo, taken, done))
        expect(cursor.lookedUpTo).toBe(upTo)
      }
    }),
  )
})
