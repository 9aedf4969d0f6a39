// Covers `src/page/topics/rule-text.ts`.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ruleText } from '../../../src/page/topics/rule-text.ts'
import { guessSchema, quoted } from '../../../src/page/topics/schema-guess.ts'

const schemaFrom = (text: string): z.ZodType =>
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call
  new Function('z', `return ${text}`)(z) as z.ZodType

describe('a guessed schema', () => {
  it.each([
    [[21.5, 22], 'z.number()'],
    [[1, 2], 'z.int()'],
    [[true], 'z.boolean()'],
    [['on', 'off', 'on', 'off', 'on', 'on'], "z.enum(['off', 'on'])"],
    [['one', 'two'], 'z.string()'],
    [['2026-01-02T03:04:05.678Z'], 'z.iso.datetime()'],
    [[null], 'z.null()'],
    [[1, null], 'z.int().nullable()'],
    [[1, 'a'], 'z.union([z.int(), z.string()])'],
    [[[]], 'z.array(z.unknown())'],
    [[[1, 2.5]], 'z.array(z.number())'],
    [[{}], 'z.object({})'],
    [[{ a: 1 }, { a: 2, 'b c': true }], "z.object({\n  a: z.int(),\n  'b c': z.boolean().optional(),\n})"],
    [[{ a: { b: 1 } }], 'z.object({\n  a: z.object({\n    b: z.int(),\n  }),\n})'],
  ])('of %j is %s', (samples, expected) => {
    expect(guessSchema(samples)).toBe(expected)
  })

  it('accepts every payload that it was guessed from', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 8 }), (samples) => {
        // zod takes what every object has, such as valueOf, for a member of it.
        fc.pre(
          !/__proto__|valueOf|toString|toLocaleString|constructor|hasOwn|isProto|propertyIs|__\w+er__/.test(
            JSON.stringify(samples),
          ),
        )
        const schema = schemaFrom(guessSchema(samples))
        for (const sample of samples) expect(schema.safeParse(sample).success).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})

it('writes any text as a literal of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call
      expect(new Function(`return ${quoted(text)}`)()).toBe(text)
    }),
  )
})

it('makes a rule file that fires on the topic', () => {
  expect(ruleText("house/Bob's `room`", [{ on: true }])).toBe(
    [
      "import { alert, rule } from 'vigie'",
      "import { z } from 'zod'",
      '',
      "export default rule('house-bob-s-room', {",
      String.raw`  on: 'house/Bob\'s ` + "`room`',",
      '  payload: z.object({',
      '    on: z.boolean(),',
      '  }),',
      '  do: ({ payload }) =>',
      "    alert({ key: 'house-bob-s-room', title: `house/Bob's \\`room\\`: ${JSON.stringify(payload)}` }),",
      '})',
      '',
    ].join('\n'),
  )
  expect(ruleText('+', [])).toContain("rule('my-rule', {\n  on: '+',\n  do:")
})
