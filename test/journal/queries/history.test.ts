import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import type { Event } from '../../../src/model/event.ts'
import type { HistoryQuery } from '../../../src/model/queries.ts'
import { topicMatches } from '../../../src/topics/matches.ts'
import { openBench } from '../fixtures.ts'
import type { Bench } from '../fixtures.ts'
import { event, events, plain } from '../nouns.ts'

const HOUR = 3_600_000

/** Answers a query by looking at every event. */
function expected(all: readonly Event[], query: HistoryQuery): Event[] {
  const { filter, since = -Infinity, until = Infinity, before = Infinity, limit } = query
  return all
    .filter(({ recorded }) => recorded)
    .filter(({ topic }) => filter === undefined || topicMatches(filter, topic))
    .filter(({ at, id }) => at >= since && at <= until && id < before)
    .toReversed()
    .slice(0, limit)
}

const topics = ['a', 'a/b', 'a/c', 'a/b/c', 'b', 'b/c', '/', '$SYS/x', 'é/b']
const filters = [...topics, '#', '+', 'a/#', 'a/+', '+/b', '+/+/c', '$SYS/#', 'none', 'none/#']

/** Events whose wall clock sometimes goes back by hours. */
const anyEvents = fc
  .array(
    fc.record({
      topic: fc.constantFrom(...topics),
      step: fc.integer({ min: -HOUR, max: 2 * HOUR }),
      recorded: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = 1_000 * HOUR
    return steps.map(({ topic, step, recorded }, index) =>
      event(index + 1, { topic, at: (at += step), recorded }),
    )
  })
const anyQuery: fc.Arbitrary<HistoryQuery> = fc.record(
  {
    filter: fc.constantFrom(...filters),
    since: fc.integer({ min: 990 * HOUR, max: 1_050 * HOUR }),
    until: fc.integer({ min: 990 * HOUR, max: 1_050 * HOUR }),
    before: fc.integer({ min: 1, max: 70 }),
    limit: fc.integer({ min: 0, max: 70 }),
  },
  { requiredKeys: ['limit'], noNullPrototype: true },
)

/** Brings the index up to the newest event so far. */
function indexAll({ writer }: Pick<Bench, 'writer'>): void {
  writer.beat()
  while (writer.tidy(false));
}

describe('history', () => {
  it('answers as a slow look through all events does, wherever the index has come to', () => {
    fc.assert(
      fc.property(
        anyEvents,
        fc.nat(60),
        fc.array(anyQuery, { minLength: 5, maxLength: 5 }),
        // With ids far apart, the events lie in several parts of the index, which compaction moves meanwhile.
        fc.constantFrom(1, 9_000),
        (given, indexed, asked, apart) => {
          const all = given.map((one) => ({ ...one, id: one.id * apart }))
          const { dataDir, writer } = openBench()
          for (const half of [all.slice(0, indexed / 2), all.slice(indexed / 2, indexed)]) {
            writer.commit({ events: half })
            indexAll({ writer })
          }
          writer.commit({ events: all.slice(indexed) })
          const queries = openQueries(dataDir)
          for (const each of asked) {
            const query = each.before === undefined ? each : { ...each, before: each.before * apart }
            expect({ query, found: queries.history(query).map(plain) }).toEqual({
              query,
              found: expected(all, query).map(plain),
            })
          }
          queries.close()
          writer.close()
        },
      ),
      { numRuns: 25 },
    )
  })

  it('finds few events of many topics that all lie deep', () => {
    const { dataDir, writer } = openBench()
    const rare = Array.from({ length: 100 }, (_, index) => event(index + 1, { topic: `rare/${index}` }))
    writer.commit({ events: rare })
    for (let from = 101; from <= 30_000; from += 5_000) writer.commit({ events: events(from, from + 4_999) })
    while (writer.tidy(false));
    const queries = openQueries(dataDir)
    expect(queries.history({ filter: 'rare/#', limit: 150 }).map(plain)).toEqual(rare.toReversed().map(plain))
    expect(queries.history({ filter: 'rare/7', limit: 150 }).map(plain)).toEqual([plain(rare[7]!)])
    expect(queries.history({ filter: 'rare/#', limit: 10, before: 51 }).map(({ id }) => id)).toEqual([
      50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
    ])
  })

  it('ends a page where it has become large, and goes on from there', () => {
    const { dataDir, writer } = openBench()
    const payload = Buffer.alloc(100)
    writer.commit({ events: Array.from({ length: 10 }, (_, index) => event(index + 1, { payload })) })
    const queries = openQueries(dataDir)
    const page = (more: object) => queries.history({ limit: 9, ...more }).map(({ id }) => id)
    expect(page({ bytes: 250 })).toEqual([10, 9, 8])
    expect(page({ bytes: 1, before: 8 })).toEqual([7])
    expect(page({ bytes: 10_000 })).toHaveLength(9)
    queries.close()
    writer.close()
  })

  it('pages without a gap or an overlap while events go on coming', () => {
    const { dataDir, writer } = openBench()
    writer.commit({ events: events(1, 3_000) })
    const queries = openQueries(dataDir)
    const seen: number[] = []
    let before: number | undefined
    for (let page = 0; page < 12; page++) {
      const found = queries.history({ filter: 'a/#', limit: 250, ...(before !== undefined && { before }) })
      seen.push(...found.map(({ id }) => id))
      before = found.at(-1)!.id
      writer.commit({ events: events(3_001 + page * 100, 3_100 + page * 100) })
      writer.tidy(false)
    }
    expect(seen).toEqual(
      events(1, 3_000)
        .map(({ id }) => id)
        .toReversed(),
    )
  })
})

describe('counts per hour', () => {
  it('add up recorded events from the roll-up and the tail, and outlast pruning', () => {
    const { dataDir, writer, clock } = openBench({
      now: 1_003 * HOUR,
      history: { keepMs: null, maxBytes: 1, rules: [] },
    })
    const at = (hour: number) => (1_000 + hour) * HOUR + 5
    writer.commit({
      events: [
        event(1, { topic: 'a', at: at(0) }),
        event(2, { topic: 'a', at: at(2) }),
        event(3, { topic: 'b', at: at(0), payload: Buffer.alloc(100) }),
        event(4, { topic: 'b', at: at(0), recorded: false }),
      ],
    })
    indexAll({ writer })
    writer.commit({ events: [event(5, { topic: 'a', at: at(2) })], changes: [{ cursor: 5 }] })
    const queries = openQueries(dataDir)
    const range = { since: at(0), until: at(3) }
    const everything = [
      { at: 1_000 * HOUR, events: 2, bytes: 105 },
      { at: 1_002 * HOUR, events: 2, bytes: 10 },
    ]
    expect(queries.counts(range)).toEqual(everything)
    expect(queries.counts({ ...range, filter: 'a' })).toEqual([
      { at: 1_000 * HOUR, events: 1, bytes: 5 },
      { at: 1_002 * HOUR, events: 2, bytes: 10 },
    ])
    expect(queries.counts({ ...range, filter: 'none/#' })).toEqual([])
    expect(queries.counts({ since: at(1), until: at(1) })).toEqual([])
    clock.advance(1)
    indexAll({ writer })
    while (writer.tidy(false));
    expect(queries.totals().events).toBe(1)
    expect(queries.counts(range)).toEqual(everything)
  })
})
