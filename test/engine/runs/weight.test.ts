import { expect, test } from 'vitest'
import type { ActionSpec } from '../../../src/model/action.ts'
import { HEAVIEST_DECISION, weigh, weightOf } from '../../../src/engine/runs/weight.ts'

const rule = { line: 'rules/a.ts:1', name: 'a' }
const say = (text: string): ActionSpec => ({ kind: 'shell', argv: [text] }) as unknown as ActionSpec

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
  const steps = [say('a'.repeat(HEAVIEST_DECISION))]
  expect(weigh(rule, 'do', steps, 1_000).problem).toMatch(
    /^rules\/a\.ts:1: rule "a": do returned actions that take more than 64 MiB/,
  )
  expect(weigh(rule, 'do', [say('a')], 1_000).problem).toBeUndefined()
})

test('a decision is refused when it publishes too large a packet anywhere in it', () => {
  const large = { kind: 'publish', topic: 't', payload: { text: 'a'.repeat(1_000) } } as ActionSpec
  const parallel = { kind: 'parallel', steps: [null, large] } as unknown as ActionSpec
  for (const steps of [[large], [say('x'), parallel], [{ ...say('x'), onFailure: [large] }]])
    expect(weigh(rule, 'do', steps, 1_000).problem).toMatch(
      /^rules\/a\.ts:1: rule "a": do publishes to t, but the message would be a packet of \S+ B, and limits/,
    )
  expect(weigh(rule, 'do', [large, parallel], 2_000).problem).toBeUndefined()
})
