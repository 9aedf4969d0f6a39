import { expect, test } from 'vitest'
import { tooHeavy, weightOf } from '../../../src/engine/runs/weight.ts'

const rule = { line: 'rules/a.ts:1', name: 'a' }

test('a text beyond ASCII weighs two bytes a character', () => {
  expect(weightOf('a'.repeat(1_000))).toBe(1_000)
  expect(weightOf('€'.repeat(1_000))).toBe(2_000)
  expect(weightOf('a'.repeat(999) + '€')).toBe(2_000)
})

test('what has many parts weighs, however small they are', () => {
  expect(weightOf(Array.from({ length: 1_000 }, () => ({})))).toBeGreaterThan(50_000)
  expect(weightOf([1, null, true, undefined])).toBeLessThan(100)
})

test('a text that exceeds the bound is not copied to be looked at', () => {
  const before = process.memoryUsage.rss()
  expect(weightOf('a'.repeat(2 ** 29 - 24), 100)).toBeGreaterThan(100)
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20)
})

test('a decision that weighs too much is refused in a sentence that names its rule', () => {
  expect(tooHeavy(rule, 'do', [{ text: 'a'.repeat(2_000) }], 2_048)).toMatch(
    /^rules\/a\.ts:1: rule "a": do returned actions that take more than 2 KiB/,
  )
  expect(tooHeavy(rule, 'do', [{ text: 'a'.repeat(1_900) }], 2_048)).toBeUndefined()
})
