// Covers `src/journal/events/compaction.ts`, `src/journal/events/trailing-index.ts`,
// `src/journal/thread/upkeep.ts`.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openEngineReads } from '../../../src/journal/queries/reads.ts'
import { Removal } from '../../../src/journal/forget/removal.ts'
import { TopicEvents } from '../../../src/journal/events/slices.ts'
import type { Writer } from '../../../src/journal/thread/writer.ts'
import type { Event } from '../../../src/model/event.ts'
import { openBench, openRaw } from '../fixtures.ts'
import type { Bench } from '../fixtures.ts'
import { event, plain } from '../nouns.ts'

const HOUR = 3_600_000
const TOPICS = ['a', 'b', 'c/d']

type Move =
  | { readonly kind: 'commit'; readonly of: readonly { topic: string; gap: number; at: number }[] }
  | { readonly kind: 'beat' }
  | { readonly kind: 'tidy' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'remove'; readonly share: number }

/**
 * Moves with gaps between ids, wide enough to fill parts, and with more events of a topic than a slice holds.
 */
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    kind: fc.constant('commit' as const),
    of: fc.array(
      fc.record({
        topic: fc.constantFrom(...TOPICS),
        gap: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40_000 })),
        at: fc.integer({ min: 1_000 * HOUR, max: 1_002 * HOUR }),
      }),
      { minLength: 1, maxLength: 20 },
    ),
  }),
  fc.record({
    kind: fc.constant('commit' as const),
    of: fc
      .constantFrom(...TOPICS)
      .map((topic) => Array.from({ length: 140 }, () => ({ topic, gap: 1, at: 1_000 * HOUR }))),
  }),
  fc.constantFrom<Move>({ kind: 'beat' }, { kind: 'tidy' }, { kind: 'restart' }),
  fc.record({ kind: fc.constant('remove' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
)

/** Reads the ids of a topic from the index in every way, expects the same ids each time, and returns them. */
function indexed(dataDir: string, topic: string): number[] {
  const db = openRaw(dataDir)
  const number = db.prepare<[string], number>('SELECT id FROM topics WHERE name = ?').pluck().get(topic) ?? -1
  const upTo = db.prepare<[], number>('SELECT indexed_to FROM journal').pluck().get()!
  const topicEvents = new TopicEvents(db)
  const newest = [...topicEvents.newest(number, 1, upTo + 1)]
  const oldest = [...topicEvents.oldest(number, 0)].filter((id) => id <= upTo)
  const view = db
    .prepare<[number], number>('SELECT id FROM topic_events WHERE topic = ? ORDER BY id')
    .pluck()
    .all(number)
  expect([newest.toReversed(), oldest]).toEqual([view, view])
  const half = oldest[Math.floor(oldest.length / 2)] ?? 0
  expect([...topicEvents.newest(number, half, upTo)]).toEqual(newest.filter((id) => id >= half && id < upTo))
  expect([...topicEvents.oldest(number, half)].filter((id) => id <= upTo)).toEqual(
    oldest.filter((id) => id > half),
  )
  db.close()
  return view
}

/** Does all upkeep that waits. */
function catchUp({ writer }: Pick<Bench, 'writer'>): void {
  writer.beat()
  while (writer.tidy(false));
}

describe('the index by topic', () => {
  it('has each event of a topic once and in order, however it grows, moves, shrinks or is cut off', () => {
    fc.assert(
      fc.property(fc.array(anyMove, { minLength: 5, maxLength: 15 }), (moves) => {
        let bench = openBench()
        const { dataDir } = bench
        let there: Event[] = []
        const all: Event[] = []
        let lastId = 0
        for (const move of moves) {
          if (move.kind === 'commit') {
            const events = move.of.map(({ topic, gap, at }) => event((lastId += gap), { topic, at }))
            bench.writer.commit({ events })
            all.push(...events)
            there.push(...events)
          } else if (move.kind === 'beat') catchUp(bench)
          else if (move.kind === 'tidy') bench.writer.tidy(false)
          else if (move.kind === 'restart') bench = openBench({ dataDir })
          else {
            const db = openRaw(dataDir)
            const upTo = db.prepare<[], number>('SELECT indexed_to FROM journal').pluck().get()!
            const gone = there.filter(({ id }) => id <= upTo && (id * 0.618) % 1 < move.share)
            db.transaction(() => new Removal(db, { willForget() {} }).events(gone.map(({ id }) => id)))()
            db.close()
            there = there.filter((each) => !gone.includes(each))
          }
        }
        catchUp(bench)
        const queries = openQueries(dataDir)
        const reads = openEngineReads(dataDir)
        for (const topic of TOPICS) {
          const ofTopic = there.filter((each) => each.topic === topic)
          expect(indexed(dataDir, topic)).toEqual(ofTopic.map(({ id }) => id))
          expect(queries.history({ filter: topic, limit: 50 }).map(plain)).toEqual(
            ofTopic.toReversed().slice(0, 50).map(plain),
          )
          const middle = all[Math.floor(all.length / 2)]?.id ?? 0
          expect(reads.lastOn(topic, middle)?.id).toBe(ofTopic.findLast(({ id }) => id <= middle)?.id)
          // The counts outlast the events.
          const counts = queries.counts({ filter: topic, since: 0, until: 2_000 * HOUR })
          expect(counts.reduce((sum, hour) => sum + hour.events, 0)).toBe(
            all.filter((each) => each.topic === topic).length,
          )
        }
        reads.close()
        queries.close()
        bench.writer.close()
      }),
      { numRuns: 15 },
    )
  })

  it('is written in bounded transactions, and answers rightly between them and after a crash', () => {
    const bench = openBench()
    const { dataDir } = bench
    const all = Array.from({ length: 6_000 }, (_, index) =>
      event(index + 1, { topic: `t/${index % 3_000}`, client: `c/${index % 2_000}` }),
    )
    bench.writer.commit({ events: all })
    bench.writer.tidy(true)
    const rows = openRaw(dataDir).prepare<[], number>('SELECT count(*) FROM recent_slices').pluck()
    const queries = openQueries(dataDir)
    const asked = () => ({
      of: queries.history({ filter: 't/7', limit: 9 }).map(({ id }) => id),
      some: queries.history({ filter: '#', limit: 5, before: 3_003 }).map(({ id }) => id),
      counted: queries.counts({ filter: 't/7', since: 0, until: 2_000_000 }).map((hour) => hour.events),
      events: queries.totals().events,
    })
    const expected = {
      of: [3_008, 8],
      some: [3_002, 3_001, 3_000, 2_999, 2_998],
      counted: [2],
      events: 6_000,
    }
    const steps = [rows.get()!]
    const step = (writer: Writer): boolean => {
      const more = writer.tidy(false)
      expect(asked()).toEqual(expected)
      steps.push(rows.get()!)
      return more
    }
    for (let count = 0; count < 3; count++) step(bench.writer)
    expect(rows.get()).toBe(1_500)
    // A hub is killed in the middle of a piece: the next one writes the piece from its beginning.
    const { writer } = openBench({ dataDir })
    expect(rows.get()).toBe(0)
    while (step(writer));
    expect(rows.get()).toBe(3_000)
    expect(Math.max(...steps.map((count, index) => count - (steps[index - 1] ?? 0)))).toBe(500)
  })

  it('moves a part that is full to the order of topics, in steps of bounded size', () => {
    const bench = openBench()
    const { dataDir, writer } = bench
    const topics = 2_000
    const all = Array.from({ length: 3 * topics }, (_, index) =>
      event(index + 1, { topic: `t/${index % topics}` }),
    )
    writer.commit({ events: all })
    catchUp(bench)
    const db = openRaw(dataDir)
    const count = (what: string) => db.prepare<[], number>(`SELECT count(*) FROM ${what}`).pluck().get()!
    expect([count('recent_slices'), count('topic_slices')]).toEqual([topics, 0])
    writer.commit({ events: [event(70_000, { topic: 'next' })] })
    writer.beat()
    const left: number[] = []
    for (let more = true; more; left.push(count('recent_slices'))) {
      more = writer.tidy(false)
      expect(count('topic_events')).toBe(all.length + 1)
    }
    expect([...new Set(left)]).toEqual([1_751, 1_501, 1_251, 1_001, 751, 501, 251, 1])
    expect([count('topic_slices'), count('topic_hours')]).toEqual([topics, topics])
    // The next part goes on where a topic's last slice has room.
    writer.commit({ events: [event(140_000, { topic: 't/0' }), event(210_000, { topic: 'next' })] })
    catchUp(bench)
    expect([count('topic_slices'), indexed(dataDir, 't/0')]).toEqual([topics + 1, [1, 2_001, 4_001, 140_000]])
  })
})
