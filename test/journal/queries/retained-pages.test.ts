import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { hidesRoot } from '../../../src/topics/hidden.ts'
import { topicMatches } from '../../../src/topics/matches.ts'
import { openBench } from '../fixtures.ts'
import { event } from '../nouns.ts'

const TOPICS = [
  'a',
  'a/b',
  'a/b/c',
  'a/é',
  'ab',
  'b',
  '$SYS/x',
  'vigie',
  'vigie/alerts/k',
  'vigies/x',
  '/',
  'é',
]
const FILTERS = [
  '#',
  '+',
  '+/+',
  'a',
  'a/#',
  'a/+',
  '+/b',
  'vigie/#',
  'vigie/alerts/k',
  '$SYS/#',
  'x/#',
  '/#',
]

test('pages of retained messages give each that matches once, in order, and their count is right', () => {
  const { dataDir, writer } = openBench()
  const events = TOPICS.map((topic, index) =>
    event(index + 1, { topic, retain: true, payload: Buffer.from(`p${index}`) }),
  )
  writer.commit({ events, changes: [] })
  writer.commit({ events: [event(99, { topic: 'b', retain: true, payload: Buffer.from('') })], changes: [] })
  const queries = openQueries(dataDir)
  const check = (filter: string, hiddenRoot: string | null, limit: number, bytes: number): void => {
    const wanted = TOPICS.filter(
      (topic) => topic !== 'b' && topicMatches(filter, topic, hidesRoot(hiddenRoot)),
    )
    const listed: string[] = []
    for (let after: string | undefined; ;) {
      const page = queries.retained({
        filter,
        hiddenRoot,
        ...(after !== undefined && { after }),
        limit,
        bytes,
      })
      expect(page.length).toBeLessThanOrEqual(limit)
      listed.push(...page.map(({ topic }) => topic))
      after = page.at(-1)?.topic
      if (after === undefined) break
    }
    expect(listed).toEqual(wanted.toSorted())
    const upTo = Math.max(0, ...wanted.map((topic) => TOPICS.indexOf(topic) + 1))
    expect(queries.countRetained({ filter, hiddenRoot })).toEqual({ count: wanted.length, upTo })
  }
  const roots = fc.constantFrom('vigie', null)
  const bounds = [fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 })] as const
  fc.assert(fc.property(fc.constantFrom(...FILTERS), roots, ...bounds, check))
  const [first] = queries.retained({ filter: 'a/b', hiddenRoot: null, limit: 1 })
  expect(first).toMatchObject({ topic: 'a/b', event: 2, qos: 1 })
  expect(Buffer.from(first!.payload).toString()).toBe('p1')
  queries.close()
})
