import { expect, it } from 'vitest'
import { Backoff } from '../../../src/bridge/link/backoff.ts'

const SETTINGS = { first: 1_000, longest: 60_000 }
const pauses = (random: number, count = 7): number[] => {
  const backoff = new Backoff(SETTINGS, () => random)
  return Array.from({ length: count }, () => backoff.next(0))
}

it('begins with the shortest pause and grows up to the longest, as chance has it', () => {
  expect(pauses(1)).toEqual([1_000, 3_000, 9_000, 27_000, 60_000, 60_000, 60_000])
  expect(pauses(0)).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000])
})

it('begins anew after a connection that has lasted, and only then', () => {
  const backoff = new Backoff(SETTINGS, () => 1)
  const next = [0, 0, 59_999, 60_000, 0].map((lastedMs) => backoff.next(lastedMs))
  expect(next).toEqual([1_000, 3_000, 9_000, 1_000, 3_000])
})
