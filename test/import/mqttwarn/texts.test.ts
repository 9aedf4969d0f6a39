import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { textOf } from '../../../src/import/mqttwarn/texts.ts'

/** What the language itself makes of code. */
const evaluate = (code: string): unknown => runInNewContext(code)

it.each([
  ['plain', "'plain'"],
  ['{name}', "`${field(payload, 'name')}`"],
  ['{a.b} {c[d]} {e!r}', "`${field(payload, 'a', 'b')} ${field(payload, 'c', 'd')} ${field(payload, 'e')}`"],
  ['{topic} {payload}', '`${topic} ${event.text}`'],
  ['{{x}} {n:.2f}', "`{x} ${Number(field(payload, 'n')).toFixed(2)}`"],
  ['a\\b\n{x}', "`a\\\\b\\n${field(payload, 'x')}`"],
])('makes %j the code %s', (format, code) => {
  expect(textOf(format).code.text).toBe(code)
})

it('keeps every text as it is that has no placeholder', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/[{}]/.test(text))
      expect(evaluate(textOf(text).code.text)).toBe(text)
      expect(evaluate(textOf(`${text}{{`).code.text)).toBe(`${text}{`)
      const read = evaluate(`(topic) => ${textOf(`${text}{topic}{{`).code.text}`) as (topic: string) => string
      expect(read('t')).toBe(`${text}t{`)
    }),
  )
})
