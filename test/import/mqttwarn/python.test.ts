import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { pythonValue, type Python } from '../../../src/import/mqttwarn/python.ts'

it.each<[string, Python]>([
  ["'text'", 'text'],
  [`"it's"`, "it's"],
  [String.raw`'a\n\'b\' \x'`, "a\n'b' \\x"],
  ["u'old'", 'old'],
  ["'''three\nlines'''", 'three\nlines'],
  ['None', null],
  ['True', true],
  ['-1.5e3', -1_500],
  ["[ 'a', 1, ]", ['a', 1]],
  ["('a', None)", ['a', null]],
  ["{ 'a': ['x'], # why\n 'b': {} }", { a: ['x'], b: {} }],
])('reads %s', (text, value) => {
  expect(pythonValue(text)).toEqual(value)
})

it.each(['hello world', 'log:info, file:f01', "['open", "{'a' 1}", 'func()', ''])(
  'leaves %s a text',
  (text) => {
    expect(pythonValue(text)).toBe(text)
  },
)

it('reads what Python would print of lists and texts, and ends on any text', () => {
  const literal = fc.letrec<{ value: Python }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.string(),
      fc.array(tie('value')),
    ),
  })).value
  const print = (value: Python): string =>
    Array.isArray(value)
      ? `[${value.map((each) => print(each as Python)).join(', ')}]`
      : typeof value === 'string'
        ? `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`
        : ({ null: 'None', true: 'True', false: 'False' }[JSON.stringify(value)] ?? JSON.stringify(value))
  fc.assert(
    fc.property(literal, (value) => {
      expect(pythonValue(print(value))).toEqual(value)
    }),
  )
  fc.assert(fc.property(fc.string(), (text) => void pythonValue(text)))
})
