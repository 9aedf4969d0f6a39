import { expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import type { VerdictsQuery } from '../../../src/model/queries.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { openBench } from '../fixtures.ts'
import { events } from '../nouns.ts'

const verdict = (rule: string, event: number, stage: Verdict['stage'], key = ''): Verdict => ({
  rule,
  key,
  event,
  stage,
  reason: '',
  at: event,
})

const ALL = [
  verdict('lamp', 1, 'when'),
  verdict('door', 1, 'fired'),
  verdict('lamp', 2, 'fired', 'k1'),
  verdict('lamp', 2, 'fired', 'k2'),
  verdict('door', 3, 'when'),
]

function journalWith(verdicts: readonly Verdict[]) {
  const { dataDir, writer } = openBench()
  writer.commit({ events: events(1, 3), changes: [{ verdicts }] })
  return openQueries(dataDir)
}

it.each<[Omit<VerdictsQuery, 'limit'>, readonly Verdict[]]>([
  [{}, [ALL[4]!, ALL[2]!, ALL[3]!, ALL[0]!, ALL[1]!]],
  [{ rule: 'lamp' }, [ALL[2]!, ALL[3]!, ALL[0]!]],
  [{ rule: 'lamp', stage: 'when' }, [ALL[0]!]],
  [{ stage: 'when' }, [ALL[4]!, ALL[0]!]],
  [{ before: 2 }, [ALL[0]!, ALL[1]!]],
  [{ since: 3 }, [ALL[4]!]],
  [{ rule: 'nobody' }, []],
])('finds verdicts by %o, the newest event first', (query, expected) => {
  expect(journalWith(ALL).verdicts({ ...query, limit: 50 })).toEqual({ verdicts: expected, isAll: true })
})

it('ends a page between two events', () => {
  const queries = journalWith(ALL)
  const pages: number[][] = []
  for (let before: number | undefined; ;) {
    const page = queries.verdicts({ limit: 2, ...(before !== undefined && { before }) })
    pages.push(page.verdicts.map(({ event }) => event))
    if (page.isAll) break
    before = page.verdicts.at(-1)!.event
  }
  expect(pages).toEqual([[3], [2, 2], [1, 1]])
})
