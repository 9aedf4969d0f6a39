import { expect, it } from 'vitest'
import { bounded } from '../../src/agent/bounded.ts'

it('ends a pattern that would take for ever', () => {
  expect(() => bounded(() => /^(a+)+$/.test(`${'a'.repeat(60)}b`), 50)).toThrow(
    'its pattern took more than a second',
  )
})

it('passes on what code returns and throws', () => {
  expect(bounded(() => [1])).toEqual([1])
  expect(() => bounded(() => JSON.parse('{') as unknown)).toThrow(SyntaxError)
})
