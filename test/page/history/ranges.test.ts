import { expect, it } from 'vitest'
import { inAddress, rangeOfBars, rangeOfPlot, wider } from '../../../src/page/history/ranges.ts'

const plot = { from: 1_000, stepMs: 100, counts: [1, 2, 3, 4] }

it('takes the bars from one to another, in either order', () => {
  expect(rangeOfBars(plot, 1, 2)).toEqual({ since: 1_100, until: 1_299 })
  expect(rangeOfBars(plot, 2, 1)).toEqual({ since: 1_100, until: 1_299 })
  expect(rangeOfPlot(plot)).toEqual({ since: 1_000, until: 1_399 })
})

it('grows to three times its length, around the same middle', () => {
  expect(wider({ since: 1_000, until: 2_000 }, 9_000)).toEqual({ since: 0, until: 3_000 })
})

it('does not grow into the future', () => {
  expect(wider({ since: 1_000, until: 2_000 }, 2_500)).toEqual({ since: -500, until: 2_500 })
})

it('has no end in the address where it reaches to now', () => {
  expect(inAddress({ since: 0, until: 5_000 }, 9_000)).toEqual({
    since: '1970-01-01T00:00:00.000Z',
    until: '1970-01-01T00:00:05.000Z',
  })
  expect(inAddress({ since: 0, until: 8_500 }, 9_000).until).toBeNull()
})
