// Covers `src/journal/forget/aging.ts`, `src/journal/forget/held.ts`, `src/journal/forget/history-limits.ts`,
// `src/journal/forget/removal.ts`, `src/journal/thread/upkeep.ts`.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openEngineReads } from '../../../src/journal/queries/reads.ts'
import type { HistoryLimits } from '../../../src/journal/forget/history-limits.ts'
import { topicMatches } from '../../../src/topics/matches.ts'
import { openBench, openRaw } from '../fixtures.ts'
import type { Bench } from '../fixtures.ts'
import { TOGETHER_STATES } from '../../../src/model/store.ts'
import { event, events, run, step } from '../nouns.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const limits = (rest: Partial<HistoryLimits>): HistoryLimits => ({
  keepMs: null,
  maxBytes: null,
  rules: [],
  ...rest,
})

/** Indexes and prunes until there is nothing more to do. */
function tidy({ writer, clock }: Bench): void {
  for (let round = 0; round < 2; round++) {
    writer.beat()
    while (writer.tidy(false));
    clock.advance(60_000)
  }
}

function idsIn({ dataDir }: Bench): number[] {
  const reads = openEngineReads(dataDir)
  const ids = reads.eventsAfter(0, 1_000_000).map(({ id }) => id)
  reads.close()
  return ids
}

describe('pruning', () => {
  it('forgets what is older than its filter keeps, but never the newest event', () => {
    const bench = openBench({
      now: 100 * DAY,
      history: limits({
        keepMs: 30 * DAY,
        rules: [
          { filter: 'short/#', keepMs: DAY },
          { filter: 'forever/+', keepMs: null },
          { filter: '#', keepMs: 40 * DAY },
        ],
      }),
    })
    const old = (days: number, topic: string) => ({ topic, at: (100 - days) * DAY })
    bench.writer.commit({
      events: [
        event(1, old(90, 'forever/x')),
        event(2, old(50, 'other')),
        event(3, old(35, 'other')),
        event(4, old(35, '$SYS/not-matched-by-hash')),
        event(5, old(2, 'short/x')),
        event(6, old(0.5, 'short/x')),
        event(7, old(80, 'other')),
      ],
      changes: [{ cursor: 7 }],
    })
    tidy(bench)
    expect(idsIn(bench)).toEqual([1, 3, 6, 7])
    bench.writer.commit({ events: [event(8, old(0, 'other'))] })
    tidy(bench)
    // Event 7 was stamped by a clock that was set back: it goes once the older ones of its topic have gone.
    expect(idsIn(bench)).toEqual([1, 3, 6, 7, 8])
    expect(openQueries(bench.dataDir).totals().events).toBe(5)
  })

  it('forgets nothing by age for an hour after the clock has leapt forward, then all that is due', () => {
    const [now, wrong] = [100 * DAY, 5_000 * DAY]
    const bench = openBench({ now, history: limits({ keepMs: 30 * DAY }) })
    const old = events(1, 9, { at: now - 29.99 * DAY })
    bench.writer.commit({ events: old, changes: [{ cursor: 9 }] })
    tidy(bench)
    bench.clock.set(wrong)
    bench.writer.commit({ events: events(10, 12, { at: wrong }), changes: [{ cursor: 12 }] })
    tidy(bench)
    bench.clock.set(now + 5 * 60_000)
    bench.writer.commit({ events: events(13, 20, { at: now + 5 * 60_000 }), changes: [{ cursor: 20 }] })
    tidy(bench)
    expect(idsIn(bench)).toEqual(events(1, 20).map(({ id }) => id))
    bench.clock.advance(HOUR)
    tidy(bench)
    // Events with the wrong time count as old as the events after them, which are young.
    expect(idsIn(bench)).toEqual(events(10, 20).map(({ id }) => id))
    bench.clock.advance(31 * DAY)
    tidy(bench)
    expect(idsIn(bench)).toEqual([20])
  })

  it('forgets nothing by age for an hour when the hub starts with a clock that is far ahead', () => {
    const first = openBench({ now: 100 * DAY, history: limits({ keepMs: 30 * DAY }) })
    first.writer.commit({ events: events(1, 9, { at: 100 * DAY }), changes: [{ cursor: 9 }] })
    first.writer.close()
    const { dataDir } = first
    const again = openBench({ dataDir, now: 5_000 * DAY, history: limits({ keepMs: 30 * DAY }) })
    tidy(again)
    expect(idsIn(again)).toHaveLength(9)
    again.clock.advance(HOUR)
    tidy(again)
    expect(idsIn(again)).toEqual([9])
  })

  it('keeps the database below its size by forgetting the oldest events, whatever their rules', () => {
    const maxBytes = 2 ** 20
    const bench = openBench({ history: limits({ maxBytes, rules: [{ filter: '#', keepMs: null }] }) })
    for (let from = 1; from < 20_000; from += 1_000) {
      const to = from + 999
      bench.writer.commit({
        events: events(from, to, { payload: Buffer.alloc(500) }),
        changes: [{ cursor: to }],
      })
      tidy(bench)
    }
    const ids = idsIn(bench)
    expect(ids.at(-1)).toBe(20_000)
    expect(ids).toEqual(events(ids[0]!, 20_000).map(({ id }) => id))
    expect(ids.length).toBeGreaterThan(500)
    expect(openQueries(bench.dataDir).totals().databaseBytes).toBeLessThan(20 * maxBytes)
  })

  it('forgets ended runs for the sake of the size when history excludes all events', () => {
    const bench = openBench({ history: limits({ maxBytes: 2 ** 20 }) })
    const ended = Array.from({ length: 6_000 }, (_, index) => ({
      run: run(index + 1, { event: index + 1, key: 'x'.repeat(400), state: 'done', endedAt: 1 }),
      steps: [],
    }))
    bench.writer.commit({
      events: events(1, 6_000, { recorded: false }),
      changes: [{ cursor: 6_000, newRuns: ended }],
    })
    tidy(bench)
    const runs = openQueries(bench.dataDir).runs({ limit: 9_000 })
    expect(runs.length).toBeLessThan(3_000)
    expect(runs[0]?.id).toBe(6_000)
  })

  it('gives a file that has become too large back to the disk, in steps', () => {
    const bench = openBench({ history: limits({ keepMs: DAY }) })
    bench.writer.commit({
      events: events(1, 1_000, { payload: Buffer.alloc(50_000) }),
      changes: [{ cursor: 1_000 }],
    })
    const before = openQueries(bench.dataDir).totals().databaseBytes
    bench.clock.advance(2 * DAY)
    tidy(bench)
    expect(openQueries(bench.dataDir).totals().databaseBytes).toBeLessThan(before / 2)
  })

  it('forgets excluded events after the cursor has passed, and their verdicts unless they have a run', () => {
    const bench = openBench()
    const verdict = (id: number) =>
      ({ rule: 'r', key: '', event: id, stage: 'when', reason: '', at: 1 }) as const
    bench.writer.commit({
      events: [...events(1, 4, { recorded: false }), event(5)],
      changes: [
        {
          cursor: 3,
          verdicts: [verdict(1), verdict(2)],
          newRuns: [{ run: run(1, { event: 2, state: 'done', endedAt: 5 }), steps: [] }],
        },
      ],
    })
    expect(
      openQueries(bench.dataDir)
        .history({ limit: 9 })
        .map(({ id }) => id),
    ).toEqual([5])
    tidy(bench)
    expect(idsIn(bench)).toEqual([4, 5])
    const queries = openQueries(bench.dataDir)
    expect([queries.verdictsOf(1).length, queries.verdictsOf(2).length]).toEqual([0, 1])
    expect(queries.runsOf(2)).toHaveLength(1)
    expect(queries.totals().events).toBe(1)
  })

  it('never forgets what an open run, a dead one that may be retried, or a rule state refers to', () => {
    const bench = openBench({ now: 10 * DAY, history: limits({ keepMs: DAY }) })
    const planned = (id: number, of: number, state: 'waiting' | 'dead' | 'done') => ({
      run: run(id, {
        event: of,
        state: state === 'waiting' ? 'running' : state,
        endedAt: state === 'waiting' ? null : 9 * DAY,
      }),
      steps: [step(id, '0')],
    })
    bench.writer.commit({
      events: [
        ...events(1, 3, { at: 0 }),
        ...events(4, 5, { topic: 'excluded', recorded: false, at: 10 * DAY }),
        ...events(6, 9, { at: 0 }),
        event(10, { at: 10 * DAY }),
      ],
      changes: [
        {
          cursor: 10,
          newRuns: [planned(1, 2, 'waiting'), planned(2, 4, 'dead'), planned(3, 5, 'done')],
          ruleStates: [{ rule: 'r', key: '', state: { for: { passage: { event: 8 } } }, wakeAt: null }],
        },
      ],
    })
    tidy(bench)
    expect(idsIn(bench)).toEqual([2, 4, 8, 10])
    bench.writer.commit({
      changes: [
        {
          runs: [{ id: 1, state: 'done', startedAt: 0, endedAt: 10 * DAY, reason: null }],
          ruleStates: [{ rule: 'r', key: '', state: null, wakeAt: null }],
        },
      ],
    })
    tidy(bench)
    expect(idsIn(bench)).toEqual([4, 10])
  })

  it('keeps the events that many states of rules hold, and prunes the others for the size', () => {
    const bench = openBench({ history: limits({ maxBytes: 2 ** 20 }) })
    const held = Array.from({ length: 450 }, (_, index) => 1 + 7 * index)
    const state = (id: number) => ({
      rule: id % 2 === 0 ? 'a' : 'b',
      key: `k${id}`,
      state: {
        throttle: {
          freeAt: 9,
          queue: [
            { event: id, at: 1 },
            { event: id + 1, at: 1 },
          ],
        },
      },
      wakeAt: 9,
    })
    bench.writer.commit({
      events: events(1, 9_000, { payload: Buffer.alloc(500) }),
      changes: [{ cursor: 9_000, ruleStates: held.map(state) }],
    })
    tidy(bench)
    const left = idsIn(bench)
    const all = new Set(held.flatMap((id) => [id, id + 1]))
    expect(left.filter((id) => id <= 3_145)).toEqual([...all].toSorted((a, b) => a - b))
    expect(left.length).toBeLessThan(all.size + 2_000)
    expect(left.at(-1)).toBe(9_000)
  })

  it('keeps the event of a run that is planned, from what a rule held, while a round is under way', () => {
    const bench = openBench({ now: 10 * DAY, history: limits({ keepMs: DAY }) })
    const holding = { rule: 'r', key: '', state: { for: { passage: { event: 5 } } }, wakeAt: 9 }
    bench.writer.commit({
      events: [...events(1, 9, { at: 0 }), event(10, { at: 10 * DAY })],
      changes: [{ cursor: 10, ruleStates: [holding] }],
    })
    bench.writer.beat()
    bench.writer.beat()
    bench.writer.commit({
      changes: [
        {
          ruleStates: [{ ...holding, state: null, wakeAt: null }],
          newRuns: [{ run: run(1, { event: 5 }), steps: [] }],
        },
      ],
    })
    while (bench.writer.tidy(false));
    expect(idsIn(bench)).toEqual([5, 10])
  })

  it('keeps an event that a rule passes on to its joint firings while a round is under way', () => {
    const bench = openBench({ now: 10 * DAY, history: limits({ keepMs: DAY }) })
    const holding = { rule: 'r', key: '', state: { presence: { passage: { event: 5 } } }, wakeAt: 9 }
    const joint = { rule: TOGETHER_STATES, key: 'r', state: { windows: { lost: [{ event: 5 }] } }, wakeAt: 9 }
    bench.writer.commit({
      events: [...events(1, 9, { at: 0 }), event(10, { at: 10 * DAY })],
      changes: [{ cursor: 10, ruleStates: [holding] }],
    })
    bench.writer.beat()
    bench.writer.beat()
    bench.writer.commit({ changes: [{ ruleStates: [{ ...holding, state: null, wakeAt: null }, joint] }] })
    while (bench.writer.tidy(false));
    expect(idsIn(bench)).toEqual([5, 10])
  })

  it('forgets ended runs with their events, with steps, attempts and verdicts', () => {
    const bench = openBench({ now: 10 * DAY, history: limits({ keepMs: DAY }) })
    const ended = (id: number, of: number, endedAt: number) => ({
      run: run(id, { event: of, state: 'done', endedAt }),
      steps: [step(id, '0', { state: 'running', attempt: 1 })],
    })
    bench.writer.commit({
      events: [
        event(1, { at: 0 }),
        event(2, { recorded: false }),
        event(3, { recorded: false }),
        event(4, { at: 10 * DAY }),
      ],
      changes: [
        {
          cursor: 4,
          newRuns: [ended(1, 1, 0), ended(2, 2, 0), ended(3, 3, 10 * DAY), ended(4, 4, 10 * DAY)],
          verdicts: [1, 2, 3, 4].map(
            (id) => ({ rule: 'r', key: '', event: id, stage: 'fired', reason: '', at: 1 }) as const,
          ),
        },
      ],
    })
    tidy(bench)
    const queries = openQueries(bench.dataDir)
    expect(queries.runs({ limit: 9 }).map(({ id }) => id)).toEqual([4, 3])
    expect([1, 2, 3, 4].map((id) => queries.verdictsOf(id).length)).toEqual([0, 0, 1, 1])
    const count = (table: string) =>
      openRaw(bench.dataDir).prepare(`SELECT count(*) FROM ${table}`).pluck().get()
    expect([count('steps'), count('rules')]).toEqual([2, 1])
  })

  it('forgets topics and clients without events, and adds them again when they come back', () => {
    const bench = openBench({ now: 10 * DAY, history: limits({ keepMs: DAY }) })
    bench.writer.commit({
      events: [
        event(1, { topic: 'gone', client: 'gone', at: 0 }),
        event(2, { topic: 'retained', client: 'c', at: 0, retain: true }),
        event(3, { topic: 'here', client: 'here', at: 10 * DAY }),
      ],
      changes: [{ cursor: 3 }],
    })
    tidy(bench)
    const names = (table: string) =>
      openRaw(bench.dataDir).prepare(`SELECT name FROM ${table} ORDER BY id`).pluck().all()
    expect(names('topics')).toEqual(['retained', 'here'])
    expect(names('clients')).toEqual(['here'])
    bench.writer.commit({ events: [event(4, { topic: 'gone', client: 'gone', at: 10 * DAY })] })
    expect(openQueries(bench.dataDir).event(4)).toMatchObject({ topic: 'gone', client: 'gone' })
    expect(bench.writer.retained().map(({ topic }) => topic)).toEqual(['retained'])
  })

  it('keeps a topic on which something comes while its last old events go', () => {
    const bench = openBench({ now: 10 * DAY, history: limits({ keepMs: DAY }) })
    bench.writer.commit({
      events: [
        event(1, { topic: 'first', at: 0 }),
        event(2, { topic: 'second', at: 0 }),
        event(3, { topic: 'here', at: 10 * DAY }),
      ],
      changes: [{ cursor: 3 }],
    })
    bench.writer.beat()
    bench.writer.beat()
    for (let id = 4; bench.writer.tidy(false); id++) {
      bench.writer.commit({
        events: [event(id, { topic: 'second', at: 10 * DAY })],
        changes: [{ cursor: id }],
      })
    }
    const queries = openQueries(bench.dataDir)
    const later = queries.history({ limit: 100 }).filter(({ id }) => id > 3)
    expect(later.length).toBeGreaterThan(2)
    expect(new Set(later.map(({ topic }) => topic))).toEqual(new Set(['second']))
  })

  it('never forgets the newest run, so that no number of a run is used twice', () => {
    for (const history of [limits({ keepMs: DAY }), limits({ maxBytes: 1 })]) {
      const bench = openBench({ now: 10 * DAY, history })
      bench.writer.commit({
        events: [event(1, { at: 0 }), event(2, { at: 0, recorded: false }), event(3, { at: 10 * DAY })],
        changes: [
          {
            cursor: 3,
            newRuns: [1, 2].map((id) => ({
              run: run(id, { event: id, state: 'done', endedAt: 0 }),
              steps: [],
            })),
          },
        ],
      })
      tidy(bench)
      const reads = openEngineReads(bench.dataDir)
      expect(reads.lastRunId()).toBe(2)
      reads.close()
      expect(openQueries(bench.dataDir).run(1)).toBeUndefined()
    }
  })

  it('takes small steps', () => {
    const bench = openBench({ now: 10 * DAY, history: limits({ keepMs: DAY }) })
    bench.writer.commit({
      events: [...events(1, 3_500, { at: 0 }), event(3_501)],
      changes: [{ cursor: 3_501 }],
    })
    bench.writer.beat()
    bench.writer.beat()
    const left = [idsIn(bench).length]
    for (let more = true; more; left.push(idsIn(bench).length)) more = bench.writer.tidy(false)
    expect(Math.max(...left.map((count, index) => (left[index - 1] ?? count) - count))).toBe(1_000)
    expect(left.at(-1)).toBe(1)
  })

  it('leaves, of any history, what is young or needed, and counts what is left', () => {
    const anyEvent = fc.record({
      topic: fc.constantFrom('a', 'a/b', 'c'),
      age: fc.integer({ min: 0, max: 20 }).map((days) => days + 0.5),
      recorded: fc.boolean(),
    })
    fc.assert(
      fc.property(
        fc.array(anyEvent, { minLength: 1, maxLength: 40 }),
        fc.nat(40),
        fc.nat(40),
        // With ids far apart, the events lie in several parts of the index.
        fc.constantFrom(1, 9_000),
        (given, passed, ran, apart) => {
          const [cursor, running] = [passed * apart, ran * apart]
          const rules = [{ filter: 'a/#', keepMs: 5 * DAY }]
          const bench = openBench({ now: 100 * DAY, history: limits({ keepMs: 10 * DAY, rules }) })
          const oldestFirst = given.toSorted((a, b) => b.age - a.age)
          const all = oldestFirst.map(({ topic, age, recorded }, index) =>
            event((index + 1) * apart, { topic, recorded, at: (100 - age) * DAY }),
          )
          const newest = all.at(-1)!.id
          bench.writer.commit({
            events: all,
            changes: [
              {
                cursor: Math.min(cursor, newest),
                newRuns: [{ run: run(1, { event: running }), steps: [] }],
              },
            ],
          })
          tidy(bench)
          const stays = all.filter(({ id, topic, at, recorded }) => {
            const keepMs = topicMatches('a/#', topic) ? 5 * DAY : 10 * DAY
            const young = recorded && at >= 100 * DAY - keepMs
            return young || id > cursor || id === running || id === newest
          })
          expect(idsIn(bench)).toEqual(stays.map(({ id }) => id))
          const queries = openQueries(bench.dataDir)
          expect(queries.totals().events).toBe(stays.filter(({ recorded }) => recorded).length)
          for (const filter of ['a/#', 'c', '+/b']) {
            expect(queries.history({ filter, limit: 99 }).map(({ id }) => id)).toEqual(
              stays
                .filter(({ topic, recorded }) => recorded && topicMatches(filter, topic))
                .map(({ id }) => id)
                .toReversed(),
            )
          }
          queries.close()
          bench.writer.close()
        },
      ),
      { numRuns: 25 },
    )
  })
})
