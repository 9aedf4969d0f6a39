import { expect, it } from 'vitest'
import { STAGES } from '../../../src/model/verdict.ts'
import { briefly, stageCounts } from '../../../src/page/rules/counts.ts'

it('says how often it fired, then what said no, the most frequent first', () => {
  expect(stageCounts({ throttle: 2, fired: 1, when: 412 }).map(({ says }) => says)).toEqual([
    'fired once',
    'said no 412 times because “when” was false',
    'said no 2 times because it had fired a moment ago',
  ])
})

it('has words for every stage', () => {
  const said = stageCounts(Object.fromEntries(STAGES.map((stage) => [stage, 1]))).map(({ says }) => says)
  expect(said).toHaveLength(STAGES.length)
  expect(said.filter((says) => says.includes('because of “'))).toEqual([])
})

it.each([
  [{ fired: 3, when: 400, throttle: 12 }, 'fired 3 times, said no 412 times'],
  [{ fired: 1 }, 'fired once'],
  [{}, 'was not asked'],
])('says %j briefly', (counts, text) => {
  expect(briefly(counts)).toBe(text)
})
