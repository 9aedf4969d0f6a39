import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import type { Event } from '../../../src/model/event.ts'
import type { HistoryPageQuery, HistoryQuery, Queries } from '../../../src/model/queries.ts'
import { topicMatches } from '../../../src/topics/matches.ts'
import { openBench } from '../fixtures.ts'
import type { Bench } from '../fixtures.ts'
import { event, events, plain } from '../nouns.ts'

const HOUR = 3_600_000

/** Answers a query by looking at every event. */
function expected(all: readonly Event[], query: HistoryQuery): Event[] {
  return matching(all, query).toReversed().slice(0, query.limit)
}

/** Every event that a query is about, oldest first. */
function matching(all: readonly Event[], query: HistoryQuery): Event[] {
  const { filter, since = -Infinity, until = Infinity, before = Infinity } = query
  const { origin, client, contains = '', jsonPath } = query
  return all
    .filter(({ recorded }) => recorded)
    .filter((each) => origin === undefined || each.origin === origin)
    .filter((each) => client === undefined || each.client === client)
    .filter(({ payload }) => Buffer.from(payload).toString('latin1').includes(contains))
    .filter(({ payload }) => jsonPath === undefined || Buffer.from(payload).toString().startsWith('{"n":1'))
    .filter(({ topic }) => filter === undefined || topicMatches(filter, topic))
    .filter(({ at, id }) => at >= since && at <= until && id < before)
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
      origin: fc.constantFrom('live', 'hub', 'bridge'),
      client: fc.constantFrom('c1', 'c2', null),
      text: fc.constantFrom('{"n":1}', '{"n":12}', '{"n":null}', '1', 'open', '\u00001open', ''),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = 1_000 * HOUR
    return steps.map(({ step, text, ...rest }, index) =>
      event(index + 1, { ...rest, at: (at += step), payload: Buffer.from(text) }),
    )
  })
const anyQuery: fc.Arbitrary<HistoryQuery> = fc.record(
  {
    filter: fc.constantFrom(...filters),
    since: fc.integer({ min: 990 * HOUR, max: 1_050 * HOUR }),
    until: fc.integer({ min: 990 * HOUR, max: 1_050 * HOUR }),
    before: fc.integer({ min: 1, max: 70 }),
    origin: fc.constantFrom('live', 'hub', 'http'),
    client: fc.constantFrom('c1', 'c2', 'nobody'),
    contains: fc.constantFrom('1', 'open', ''),
    jsonPath: fc.constantFrom('$.n >= 1', 'n > 0'),
    limit: fc.integer({ min: 0, max: 70 }),
  },
  { requiredKeys: ['limit'], noNullPrototype: true },
)

/** Every id that a query is about, page by page, each page of the query's limit or of few looks. */
function pagesOf(queries: Queries, query: HistoryQuery, direction: { after?: number }): number[] {
  const ids: number[] = []
  for (let at: Partial<HistoryPageQuery> = direction; ;) {
    const page = queries.historyPage({ ...query, limit: query.limit + 1, looks: 7, ...at })
    ids.push(...page.events.map(({ id }) => id))
    if (page.isAll) return ids
    at = direction.after === undefined ? { before: page.reached } : { after: page.reached }
  }
}

function idsFrom(all: readonly Event[], query: HistoryQuery, { after }: { after?: number }): number[] {
  if (after === undefined)
    return matching(all, query)
      .map(({ id }) => id)
      .toReversed()
  const { before: _before, ...rest } = query
  return matching(all, rest).map(({ id }) => id)
}

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
            for (const direction of [{}, { after: 0 }])
              expect({ query, direction, found: pagesOf(queries, query, direction) }).toEqual({
                query,
                direction,
                found: idsFrom(all, query, direction),
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

  it('costs no more than it may look at, finds where to go on, and does not pass a match', () => {
    const { dataDir, writer } = openBench()
    for (let from = 1; from <= 60_000; from += 5_000) writer.commit({ events: events(from, from + 4_999) })
    const needle = event(60_001, { topic: 'needle', payload: Buffer.from('hay'), client: 'c2' })
    writer.commit({ events: [needle, ...events(60_002, 100_000)] })
    while (writer.tidy(false));
    const queries = openQueries(dataDir)
    const query = { contains: 'hay', limit: 1, looks: 20_000 }
    const first = queries.historyPage(query)
    expect(first).toEqual({ events: [], reached: 80_001, isAll: false })
    const second = queries.historyPage({ ...query, before: first.reached })
    expect(second).toMatchObject({ events: [{ id: 60_001 }], reached: 60_001 })
    // The last event of a client is known, so the search for its events begins there.
    expect(queries.historyPage({ client: 'c2', limit: 1, looks: 1 }).events).toHaveLength(1)
    expect(queries.historyPage({ ...query, after: 0 })).toEqual({
      events: [],
      reached: 20_000,
      isAll: false,
    })
    queries.close()
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
