import { expect, test } from 'vitest'
import { ENOUGH, look, postponedShortage } from '../../../src/watch/processes/shortage.ts'
import type { Shortage, ShortageSpec } from '../../../src/watch/processes/shortage.ts'

const spec: ShortageSpec = {
  name: 'w',
  select: { name: 'x' },
  countBelow: 2,
  forMs: 3,
  retry: { attempts: 3, minMs: 10, maxMs: 25 },
}

/** What is said, and when, while so many run at each moment. */
function told(countAt: (ms: number) => number, untilMs: number, from: Shortage = ENOUGH): string[] {
  let shortage = from
  const said: string[] = []
  for (let ms = 0; ms <= untilMs; ms++) {
    const seen = look(shortage, countAt(ms), ms, spec)
    shortage = seen.shortage
    if (seen.report) said.push(`${ms} ${seen.report.state} ${seen.report.attempt}`)
  }
  return said
}

test('a shortage is told when it has lasted, after pauses that double up to the longest, and given up', () => {
  expect(told(() => 1, 500)).toEqual(['3 missing 1', '13 missing 2', '33 missing 3', '58 given-up 3'])
})

test('enough within the time says nothing', () => {
  expect(told((ms) => (ms % 3 === 0 ? 2 : 1), 500)).toEqual([])
})

test('what is back is told once, and only after it was told to be missing', () => {
  expect(told((ms) => (ms < 20 ? 1 : 2), 500)).toEqual(['3 missing 1', '13 missing 2', '20 back 2'])
})

test('a program that ends soon after each start is given up as well', () => {
  // It runs for two of every ten.
  expect(told((ms) => (ms % 10 < 8 ? 1 : 2), 200)).toEqual([
    '3 missing 1',
    '8 back 1',
    '13 missing 2',
    '18 back 2',
    '33 missing 3',
    '38 back 3',
    '63 given-up 3',
    '68 back 3',
  ])
})

test('the attempts are counted from the start once enough have run for the longest pause', () => {
  const countAt = (ms: number): number => (ms < 5 || ms >= 40 ? 1 : 2)
  expect(told(countAt, 50)).toEqual(['3 missing 1', '5 back 1', '43 missing 1'])
  expect(told((ms) => (ms < 5 || ms >= 20 ? 1 : 2), 30)).toEqual(['3 missing 1', '5 back 1', '23 missing 2'])
})

test('a time that does not count moves all moments', () => {
  const { shortage } = look({ ...ENOUGH, isShort: true, sinceMs: 0 }, 1, 2, spec)
  const later = postponedShortage(shortage, 1_000)
  expect(look(later, 1, 1_002, spec).report).toBeNull()
  expect(look(later, 1, 1_003, spec).report).toMatchObject({ state: 'missing' })
})
