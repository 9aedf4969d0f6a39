// Moments that are stored over many lives of a hub, whose clock is right, behind, or set right while it runs, against
// a slow model: what is left of each wait.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { afterClockSet, behindAtStart } from '../../src/model/clock-behind.ts'
import type { Behind } from '../../src/model/clock-behind.ts'
import { shiftMoments } from '../../src/model/moments.ts'

const BEGIN = 1_700_000_000_000

const length = fc.integer({ min: 2_000, max: 10_000_000 })
const happening = fc.oneof(
  fc.record({ kind: fc.constant('store' as const), lengthMs: length }),
  fc.record({ kind: fc.constant('pass' as const), lengthMs: length }),
  fc.record({ kind: fc.constant('killed, then right' as const), lengthMs: length }),
  fc.record({ kind: fc.constant('killed, then behind' as const), lengthMs: length, backMs: length }),
  fc.record({ kind: fc.constant('set right' as const), lengthMs: fc.constant(0) }),
)

it('leaves of each wait what is left of it: time that nobody knows counts when it turns out', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), (all) => {
      let trueAt = BEGIN
      let clockAt = BEGIN
      let behind: Behind = { startedAt: BEGIN, behindMs: 0 }
      let waits: { readonly setAt: number; readonly dueAt: number }[] = []
      const move = (...how: [byMs: number, earlier?: { upToAt: number; byMs: number }]): void => {
        waits = waits.map((wait) => shiftMoments(wait, ...how) as typeof wait)
      }
      const restart = (now: number): void => {
        const behindMs = behindAtStart(clockAt, behind.behindMs, now)
        move(behind.behindMs - behindMs)
        behind = { startedAt: now, behindMs }
        clockAt = now
      }
      // The model: what is left, the life in which it began, and how long nobody watched without anybody knowing it.
      const left: { ms: number; readonly life: number }[] = []
      let life = 0
      let unknownMs = 0
      const turnsOut = (): void => {
        for (const one of left) if (one.life < life) one.ms -= unknownMs
        unknownMs = 0
      }
      const pass = (lengthMs: number): void => {
        trueAt += lengthMs
        clockAt += lengthMs
        for (const each of left) each.ms -= lengthMs
      }
      for (const one of all) {
        if (one.kind === 'store') {
          waits.push({ setAt: clockAt, dueAt: clockAt + one.lengthMs })
          left.push({ ms: one.lengthMs, life })
        } else if (one.kind === 'pass') {
          pass(one.lengthMs)
        } else if (one.kind === 'set right') {
          const byMs = trueAt - clockAt
          const { earlier, ...next } = afterClockSet(behind, byMs)
          behind = next.behind
          move(byMs, earlier)
          clockAt = trueAt
          turnsOut()
        } else {
          trueAt += one.lengthMs
          life++
          unknownMs += one.lengthMs
          restart(one.kind === 'killed, then right' ? trueAt : clockAt - one.backMs)
          if (one.kind === 'killed, then right') turnsOut()
          // The journal opens before anything can be stored.
          pass(1)
        }
        expect(waits.map(({ dueAt }) => dueAt - clockAt)).toEqual(left.map(({ ms }) => ms))
      }
    }),
    { numRuns: 300 },
  )
})
