import { expect, test } from 'vitest'
import type { Json } from '../../../src/model/json.ts'
import type { ValueExpectation } from '../../../src/model/probe.ts'
import { valueAt, valueProblem } from '../../../src/watch/probes/expectation.ts'

const matches = (source: string): ValueExpectation => ({ matches: { source, flags: '' } })

test.each<[Json | undefined, ValueExpectation, string | undefined]>([
  ['ok', { equals: 'ok' }, undefined],
  ['down', { equals: 'ok' }, 'is "down", not "ok"'],
  [1, { equals: '1' }, 'is 1, not "1"'],
  [null, { equals: null }, undefined],
  [undefined, { equals: null }, 'is not there'],
  ['2.10', matches('^2\\.'), undefined],
  ['3.0', matches('^2\\.'), 'is "3.0", which /^2\\./ does not match'],
  [[1, 2], matches('2'), undefined],
  [5, { above: 4, below: 6 }, undefined],
  [5, { above: 5 }, 'is 5, not above 5'],
  [5, { below: 5 }, 'is 5, not below 5'],
  ['5', { below: 9 }, 'is "5", which is no number'],
])('%j held against %j: %s', (value, expected, problem) => {
  expect(valueProblem(value, expected)).toBe(problem)
})

test.each<[string, Json | undefined]>([
  ['status', 'ok'],
  ['disks.1.state', 'full'],
  ['disks.2.state', undefined],
  ['status.length', undefined],
  ['disks.length', 2],
  ['toString', undefined],
  ['', { status: 'ok', disks: [{}, { state: 'full' }] }],
])('the value at %j is found', (path, value) => {
  expect(valueAt({ status: 'ok', disks: [{}, { state: 'full' }] }, path)).toEqual(value)
})
