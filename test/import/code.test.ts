// Covers `src/import/imported.ts`.

import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Code, freeName, secretName, source } from '../../src/import/code.ts'

/** What the language itself makes of code. */
const evaluate = (code: string): unknown => runInNewContext(code)

it('writes values as a person would', () => {
  const value = { a: 'it’s', 'b-c': [1, true, null], d: undefined, e: {}, f: new Code('secret()') }
  expect(source(value)).toBe("{ a: 'it’s', 'b-c': [1, true, null], e: {}, f: secret() }")
  expect(source({ long: 'x'.repeat(80), other: 'y'.repeat(30) })).toBe(
    `{\n  long: '${'x'.repeat(80)}',\n  other: '${'y'.repeat(30)}',\n}`,
  )
})

it('writes what reads as the same value', () => {
  const value = fc.jsonValue().filter((each) => !JSON.stringify(each).includes('__proto__'))
  fc.assert(
    fc.property(value, (each) => {
      const read = evaluate(`(${source(each)})`)
      expect(JSON.stringify(read)).toBe(JSON.stringify(each))
    }),
  )
})

it('finds names that are free, and names of secrets', () => {
  const taken = new Set<string>()
  const names = ['a/+/b', 'a.+.b', '+', '#'].map((each) => freeName(each, taken, 'rule'))
  expect(names).toEqual(['a-b', 'a-b-2', 'rule', 'rule-2'])
  expect(secretName('7.site', 'password')).toBe('_7_SITE_PASSWORD')
})
