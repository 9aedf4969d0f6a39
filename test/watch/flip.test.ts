import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UNKNOWN, flip, standingOf } from '../../src/watch/flip.ts'
import type { Check, Standing } from '../../src/watch/flip.ts'

const good: Check = { kind: 'good', latencyMs: 1.5 }
const failed: Check = { kind: 'failed', reason: 'no reply' }
const unable: Check = { kind: 'unable', reason: 'no ping program' }
const limits = { fails: 3, recovers: 2 }

/** The states that are reported, one letter a check: `.` none, `U` up, `D` down. */
function states(checks: readonly Check[], from: Standing = UNKNOWN, given = limits): string {
  let standing = from
  let told = ''
  for (const [index, check] of checks.entries()) {
    const after = flip(standing, check, index, given)
    standing = after.standing
    told += after.report === null ? '.' : after.report.state === 'up' ? 'U' : 'D'
  }
  return told
}
const checks = (letters: string): Check[] =>
  Array.from(letters, (letter) => (letter === '+' ? good : letter === '-' ? failed : unable))

describe('the standing of a ping', () => {
  test.each([
    ['+', 'U', 'is up at the first good check'],
    ['---', '..D', 'is down after as many failed checks as are asked for'],
    ['--+', '..U', 'is up when a good check comes before that'],
    ['+--+--+---', 'U........D', 'counts failed checks in a row only'],
    ['+---+', 'U..D.', 'is not up again after one good check'],
    ['+---++', 'U..D.U', 'is up again after as many good checks as are asked for'],
    ['+---+-++', 'U..D...U', 'counts good checks in a row only'],
    ['+-?-?-', 'U....D', 'is not touched by a check that could not be made'],
    ['???', '...', 'stays unknown while nothing can be checked'],
  ])('%s gives %s: it %s', (seen, told) => {
    expect(states(checks(seen))).toBe(told)
  })

  test('is reported with what decided, and since when', () => {
    const down = flip({ state: 'up', against: 2 }, failed, 5_000, limits)
    expect(down.report).toEqual({
      state: 'down',
      previous: 'up',
      since: '1970-01-01T00:00:05.000Z',
      latencyMs: null,
      reason: 'no reply',
    })
    const up = flip({ state: 'down', against: 1 }, good, 6_000, limits)
    expect(up.report).toMatchObject({ state: 'up', previous: 'down', latencyMs: 1.5, reason: '' })
  })

  test('is the same as the last state whose checks stood in a row, whatever the order', () => {
    const anyCheck = fc.constantFrom(good, failed, unable)
    const anyLimits = fc.record({
      fails: fc.integer({ min: 1, max: 5 }),
      recovers: fc.integer({ min: 1, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(anyCheck, { maxLength: 60 }), anyLimits, (seen, given) => {
        expect(states(seen, UNKNOWN, given)).toBe(slowly(seen, given))
      }),
    )
  })

  test('goes on after a restart from what the retained message says, without a word', () => {
    fc.assert(
      fc.property(fc.constantFrom('up', 'down'), fc.boolean(), (state, isGood) => {
        const left = standingOf(Buffer.from(JSON.stringify({ state, since: 'x' })))
        expect(left).toEqual({ state, against: 0 })
        const seen = isGood ? good : failed
        const { report } = flip(left, seen, 0, limits)
        expect(report).toBeNull()
      }),
    )
  })

  test.each(['', 'nonsense', '{}', '{"state":"sideways"}', 'null'])('is unknown when %j was left', (text) => {
    expect(standingOf(Buffer.from(text))).toEqual(UNKNOWN)
  })
})

/** The obvious way: for each moment, look back over all that was seen. */
function slowly(seen: readonly Check[], { fails, recovers }: { fails: number; recovers: number }): string {
  let state = 'unknown'
  let told = ''
  const rows: string[] = []
  for (const check of seen) {
    if (check.kind === 'unable') {
      told += '.'
      continue
    }
    rows.push(check.kind)
    const isRow = (kind: string, length: number): boolean =>
      rows.length >= length && rows.slice(-length).every((each) => each === kind)
    const next =
      state !== 'down' && isRow('failed', fails)
        ? 'down'
        : state === 'unknown' && isRow('good', 1)
          ? 'up'
          : state === 'down' && isRow('good', recovers)
            ? 'up'
            : state
    told += next === state ? '.' : next === 'up' ? 'U' : 'D'
    state = next
  }
  return told
}
