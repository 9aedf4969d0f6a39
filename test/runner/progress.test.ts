import { expect, it } from 'vitest'
import { PERCENTAGE, progressIn } from '../../src/runner/progress.ts'

it.each([
  ['reading\n42 % of it\n', PERCENTAGE, { line: '42 % of it', percent: 42 }],
  ['10%\n20%\n', PERCENTAGE, { line: '20%', percent: 20 }],
  ['a progress bar: 10%\r 55.5%\r', PERCENTAGE, { line: '55.5%', percent: 55.5 }],
  ['\u001B[32m 7 %\u001B[0m\n', PERCENTAGE, { line: '7 %', percent: 7 }],
  ['50 %\nand then something else\n', PERCENTAGE, { line: '50 %', percent: 50 }],
  ['growth of 250 %\n', PERCENTAGE, { line: 'growth of 250 %', percent: null }],
  ['nothing\n', PERCENTAGE, undefined],
  ['', PERCENTAGE, undefined],
  ['file 3 of 9\nfile 4 of 9\n', /file \d+ of/u, { line: 'file 4 of 9', percent: null }],
  ['done: 30 left: 70\n', /done: (\d+)/u, { line: 'done: 30 left: 70', percent: 30 }],
])('finds in %o how far a command has come', (text, pattern, expected) => {
  expect(progressIn(text, pattern)).toEqual(expected)
})
