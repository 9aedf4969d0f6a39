import { expect, it } from 'vitest'
import { plotOf } from '../../../src/page/pings/plot.ts'

const MINUTE = 60_000
const minute = (index: number, ms: number | null) => ({
  at: index * MINUTE,
  checks: 2,
  failed: ms === null ? 2 : 0,
  minMs: ms,
  medianMs: ms,
  maxMs: ms,
})

it('makes a column of each figure', () => {
  expect(plotOf([minute(1, 5), minute(2, null)])).toEqual({
    at: [60, 120],
    min: [5, null],
    median: [5, null],
    max: [5, null],
  })
})

it('breaks the lines where no check was made for long', () => {
  expect(plotOf([minute(1, 5), minute(60, 7)])).toMatchObject({
    at: [60, 60.001, 3_600],
    median: [5, null, 7],
  })
})

it('takes one of two messages about the same minute', () => {
  expect(plotOf([minute(1, 5), minute(1, 9)]).at).toEqual([60])
})
