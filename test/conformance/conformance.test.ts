// Holds docs/conformance.md to the source and the tests, and the coverage of the statements to what it has reached.

import { expect, it } from 'vitest'
import { specifications } from './statements.ts'
import { conformanceTable } from './table.ts'

const COUNTS = { '3.1.1': 143, '5.0': 251 } as const

const table = conformanceTable()

it.each(['3.1.1', '5.0'] as const)('knows all statements of MQTT %s, each once', (version) => {
  const ids = specifications[version].statements.map(({ id }) => id)
  expect(ids).toHaveLength(COUNTS[version])
  expect(new Set(ids).size).toBe(COUNTS[version])
})

it('mentions no id that neither specification has', () => {
  expect(table.unknown).toEqual([])
})

it('shows every statement that binds the hub by a test', () => {
  expect(table.notShown).toEqual([])
})

it('names every statement that binds the hub where the source enforces it', () => {
  expect(table.nowhere).toEqual([])
})

it('describes all this in docs/conformance.md as it is', async () => {
  await expect(table.markdown).toMatchFileSnapshot('../../docs/conformance.md')
})
