import { expect, it } from 'vitest'
import { aligned, fitted, roomBeside } from '../../../src/cli/show/columns.ts'

const narrow = { isTty: true, columns: 10 } as Parameters<typeof fitted>[1]
const [red, none] = ['\u001B[31m', '\u001B[39m']

it('makes each column as wide as its widest cell, with numbers at its right end', () => {
  const rows = [
    ['a', '1', 'x'],
    ['long', '1,000', ''],
  ]
  expect(aligned(rows, new Set([1]))).toEqual([
    ['a   ', '    1', 'x'],
    ['long', '1,000', ' '],
  ])
  expect(aligned([])).toEqual([])
})

it.each([
  ['ten of it.', 'ten of it.'],
  ['eleven of it', 'eleven of…'],
  [`${red}ten${none} of it.`, `${red}ten${none} of it.`],
  [`${red}eleven of it${none}`, `${red}eleven of${none}…`],
  ['😀😀😀😀😀😀😀😀😀😀😀', '😀😀😀😀😀😀😀😀😀…'],
])('cuts %j at the edge of a terminal, and ends its colours', (line, cut) => {
  expect(fitted(line, narrow)).toBe(cut)
  expect(fitted(line, { ...narrow, isTty: false })).toBe(line)
})

it('gives a text the room beside others, but never less than a few characters', () => {
  const wide = { ...narrow, columns: 80 }
  expect(roomBeside(`${red}head${none}`, wide)).toBe(76)
  expect(roomBeside('x'.repeat(200), wide)).toBe(10)
  expect(roomBeside('', { ...wide, columns: 1_000 })).toBe(200)
  expect(roomBeside('x'.repeat(200), { ...wide, isTty: false })).toBe(200)
})
