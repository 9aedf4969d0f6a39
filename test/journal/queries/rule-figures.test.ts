import { expect, it } from 'vitest'
import { openForReading } from '../../../src/journal/database/open.ts'
import { openRuleFigures } from '../../../src/journal/queries/rule-figures.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { openBench } from '../fixtures.ts'
import { event, run } from '../nouns.ts'

const HOUR_MS = 3_600_000

const verdict = (rule: string, of: number, stage: Verdict['stage'], at: number): Verdict => ({
  rule,
  key: '',
  event: of,
  stage,
  reason: '',
  at,
})

/** Five events, one in each of as many hours, and what two rules made of them. */
function journal(most?: number) {
  const { dataDir, writer } = openBench()
  const hours = [0, 1, 2, 3, 4]
  writer.commit({
    events: hours.map((hour) => event(hour + 1, { at: hour * HOUR_MS })),
    changes: [
      {
        verdicts: [
          ...hours.map((hour) => verdict('door', hour + 1, hour === 4 ? 'fired' : 'when', hour * HOUR_MS)),
          verdict('lamp', 5, 'mode', 4 * HOUR_MS),
        ],
        newRuns: [
          { run: run(1, { plannedAt: 7 }), steps: [] },
          { run: run(2, { plannedAt: 9 }), steps: [] },
        ],
      },
    ],
  })
  return openRuleFigures(openForReading(dataDir), most)
}

it('counts the verdicts of each rule by stage since a moment, and names the newest run', () => {
  const figuresOf = journal()
  expect(figuresOf({ rules: ['door', 'lamp', 'none'], since: 2 * HOUR_MS })).toEqual({
    since: 2 * HOUR_MS,
    figures: [
      { rule: 'door', verdicts: { when: 2, fired: 1 }, lastRun: { id: 2, at: 9 } },
      { rule: 'lamp', verdicts: { mode: 1 }, lastRun: null },
      { rule: 'none', verdicts: {}, lastRun: null },
    ],
  })
  expect(figuresOf({ rules: ['door'], since: 0 }).figures[0]?.verdicts).toEqual({ when: 4, fired: 1 })
  expect(figuresOf({ rules: ['door'], since: 9 * HOUR_MS }).figures[0]?.verdicts).toEqual({})
})

it('counts the newest verdicts alone where there are very many, and says since when', () => {
  const { since, figures } = journal(3)({ rules: ['door', 'lamp'], since: 0 })
  expect(figures.map(({ verdicts }) => verdicts)).toEqual([{ when: 1, fired: 1 }, { mode: 1 }])
  expect(since).toBe(2 * HOUR_MS)
})
