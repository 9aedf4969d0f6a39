import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CLEAR, UNKNOWN, flip, reportIn, standingOf } from '../../../src/watch/pings/flip.ts'
import type { Check } from '../../../src/watch/probes/check.ts'
import type { FlipSpec, Outlook, Standing } from '../../../src/watch/pings/flip.ts'

const good: Check = { kind: 'good', latencyMs: 1.5 }
const failed: Check = { kind: 'failed', reason: 'no reply' }
const unable: Check = { kind: 'unable', reason: 'no ping program' }
const limits: FlipSpec = { fails: 3, recovers: 2, flapping: null }
const at = (moment: number, outlook: Outlook = CLEAR) => ({ at: moment, steadyAt: moment, outlook })

/** The states that are reported, one letter a check: `.` none, `U` up, `D` down, `N` unknown. */
function states(checks: readonly Check[], from: Standing = UNKNOWN, given = limits): string {
  let standing = from
  let told = ''
  for (const [index, check] of checks.entries()) {
    const after = flip(standing, check, at(index), given)
    standing = after.standing
    told += after.report === null ? '.' : LETTERS[after.report.state]
  }
  return told
}
const LETTERS = { up: 'U', down: 'D', unknown: 'N', flapping: 'F', unreachable: 'R' } as const
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
    ['???', 'N..', 'is reported as unknown, once, when it never could be checked'],
    ['+??+???', 'U.....N', 'is unknown when no check could be made for as long as makes it down'],
    ['+???+', 'U..NU', 'goes back to up with one good check'],
    ['+---???-', 'U..D..ND', 'goes back to down with one failed check'],
    ['+---???+', 'U..D..N.', 'is not up after it was down and unknown with one good check'],
    [
      '+---???++',
      'U..D..N.U',
      'is up after it was down and unknown with as many good checks as are asked for',
    ],
  ])('%s gives %s: it %s', (seen, told) => {
    expect(states(checks(seen))).toBe(told)
  })

  test('is reported with what decided, and since when', () => {
    const down = flip({ ...standingOf({ state: 'up' }), against: 2 }, failed, at(5_000), limits)
    expect(down.report).toEqual({
      state: 'down',
      previous: 'up',
      since: '1970-01-01T00:00:05.000Z',
      latencyMs: null,
      reason: 'no reply',
    })
    const up = flip({ ...standingOf({ state: 'down' }), against: 1 }, good, at(6_000), limits)
    expect(up.report).toMatchObject({ state: 'up', previous: 'down', latencyMs: 1.5, reason: '' })
    const unknown = flip({ ...standingOf({ state: 'down' }), unable: 2 }, unable, at(7_000), limits)
    expect(unknown.report).toMatchObject({ state: 'unknown', previous: 'down', reason: 'no ping program' })
    // So that what waits for it to be up again still knows that it was down.
    const back = flip({ ...unknown.standing, against: 1 }, good, at(8_000), limits)
    expect(back.report).toMatchObject({ state: 'up', previous: 'down' })
  })

  test('is the same as the last state whose checks stood in a row, whatever the order', () => {
    const anyCheck = fc.constantFrom(good, failed, unable)
    const anyLimits = fc.record({
      fails: fc.integer({ min: 1, max: 5 }),
      recovers: fc.integer({ min: 1, max: 5 }),
      flapping: fc.constant(null),
    })
    fc.assert(
      fc.property(fc.array(anyCheck, { maxLength: 60 }), anyLimits, (seen, given) => {
        expect(states(seen, UNKNOWN, given)).toBe(slowly(seen, given))
      }),
    )
  })

  test('goes on after a restart from what the retained message says, without a word', () => {
    fc.assert(
      fc.property(fc.constantFrom('up', 'down'), fc.constantFrom(good, failed), (state, seen) => {
        const left = standingOf(reportIn(Buffer.from(JSON.stringify({ state, since: 'x' }))))
        expect(left).toMatchObject({ state, known: state, against: 0 })
        const { report } = flip(left, seen, at(0), limits)
        expect(report).toBeNull()
      }),
    )
  })

  test.each(['', 'nonsense', '{}', '{"state":"sideways"}', 'null'])('is unknown when %j was left', (text) => {
    expect(standingOf(reportIn(Buffer.from(text)))).toEqual(UNKNOWN)
  })

  test('goes on after a restart while it cannot be checked, without a word, and knows what it was', () => {
    const left = standingOf({ state: 'unknown', previous: 'down' })
    expect(flip(left, unable, at(0), limits).report).toBeNull()
    expect(flip(left, failed, at(0), limits).report).toMatchObject({ state: 'down', previous: 'down' })
  })
})

/** The obvious way: for each moment, look back over all that was seen. */
function slowly(seen: readonly Check[], { fails, recovers }: { fails: number; recovers: number }): string {
  let state = 'unknown'
  let known = 'unknown'
  let told = ''
  const rows: string[] = []
  const endsWith = (row: readonly string[], kind: string, length: number): boolean =>
    row.length >= length && row.slice(-length).every((each) => each === kind)
  for (const [index, { kind }] of seen.entries()) {
    let next = state
    if (kind === 'unable') {
      const kinds = seen.slice(0, index + 1).map((each) => each.kind)
      if (endsWith(kinds, 'unable', fails)) next = 'unknown'
      const isFirstWord = known === 'unknown' && !told.includes('N')
      told += next !== state || isFirstWord ? 'N' : '.'
      state = next
      continue
    }
    rows.push(kind)
    if (state !== 'down' && (endsWith(rows, 'failed', fails) || (kind === 'failed' && known === 'down')))
      next = 'down'
    else if (state !== 'up' && kind === 'good' && (known !== 'down' || endsWith(rows, 'good', recovers)))
      next = 'up'
    told += next === state ? '.' : next === 'up' ? 'U' : 'D'
    state = next
    known = next === 'unknown' ? known : next
  }
  return told
}
