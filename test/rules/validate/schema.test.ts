import { expect, it } from 'vitest'
import { z } from 'zod'
import { describeIssues, isSchema } from '../../../src/rules/validate/schema.ts'

it('knows a schema by its standard, whatever library made it', () => {
  const validate = (): { value: unknown } => ({ value: 1 })
  const asFunction = Object.assign(() => {}, { '~standard': { validate } })
  expect([isSchema(z.string()), isSchema({ '~standard': { validate } }), isSchema(asFunction)]).toEqual([
    true,
    true,
    true,
  ])
  expect([isSchema(null), isSchema({}), isSchema('string'), isSchema({ '~standard': {} })]).toEqual([
    false,
    false,
    false,
    false,
  ])
})

it('says all that is wrong, each with its place', () => {
  expect(
    describeIssues([
      { message: 'expected number', path: ['rooms', 0, { key: 'price' }] },
      { message: 'too long', path: [] },
      { message: 'no object' },
    ]),
  ).toBe('rooms.0.price: expected number; too long; no object')
})
