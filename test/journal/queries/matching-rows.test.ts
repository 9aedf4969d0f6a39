import { expect, it } from 'vitest'
import {
  matchingParameters,
  MatchingRows,
  matchingSql,
  registerJsonHolds,
} from '../../../src/journal/queries/matching-rows.ts'
import { openBench, openRaw } from '../fixtures.ts'
import { event } from '../nouns.ts'

const ALL = { contains: 'hay', jsonPath: '$.n > 1', origin: 'hub', since: 1, until: 9 } as const
const CONDITIONS = { ...ALL, topics: [1, 2], client: 1 }

it.each(Object.entries(matchingSql(CONDITIONS)))('finds the rows (%s) by their ids', (_, sql) => {
  const { dataDir } = openBench()
  const db = openRaw(dataDir)
  registerJsonHolds(db)
  const plan = db
    .prepare<[object], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all({ ...matchingParameters(CONDITIONS), from: 1, below: 9, ids: '[]', limit: 5 })
    .map(({ detail }) => detail)
  expect(plan).toContainEqual(expect.stringMatching(/^SEARCH events USING INTEGER PRIMARY KEY/))
  expect(plan).not.toContainEqual(expect.stringMatching(/SCAN events|TEMP B-TREE/))
})

it('compares bytes, so that a zero or what is no text in a payload hides nothing', () => {
  const { dataDir, writer } = openBench()
  const payloads = ['\0hay', 'Hay', Buffer.from([0xff, 0x68, 0x61, 0x79]), 'é']
  writer.commit({ events: payloads.map((each, index) => event(index + 1, { payload: Buffer.from(each) })) })
  const db = openRaw(dataDir)
  registerJsonHolds(db)
  const rows = (contains: string) =>
    new MatchingRows(db, { topics: null, client: undefined, contains }, 9).oldest(1, 9).map(({ id }) => id)
  expect([rows('hay'), rows('é'), rows('none')]).toEqual([[1, 3], [4], []])
})
