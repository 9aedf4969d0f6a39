import { expect, it } from 'vitest'
import { payloadLine } from '../../../src/page/words/payload.ts'

it.each([
  [{ on: true }, 'json', '{"on":true}'],
  ['two\nlines', 'text', 'two lines'],
  ['x'.repeat(200), 'text', `${'x'.repeat(159)}…`],
  ['AAE=', 'base64', 'AAE= (bytes, in base64)'],
])('writes %j as one line', (payload, encoding, line) => {
  expect(payloadLine(payload, encoding)).toBe(line)
})
