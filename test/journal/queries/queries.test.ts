// Covers `src/journal/queries/reads.ts`, `src/model/verdict.ts`.

import { describe, expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openEngineReads } from '../../../src/journal/queries/reads.ts'
import { headOf } from '../../../src/model/event.ts'
import { STAGES } from '../../../src/model/verdict.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { openBench } from '../fixtures.ts'
import { event, events, plain, run, step } from '../nouns.ts'

describe('queries', () => {
  it('find runs by rule, state and time, newest first, page by page', () => {
    const { dataDir, writer } = openBench()
    const states = ['planned', 'running', 'done', 'dead', 'cancelled', 'dry'] as const
    const all = Array.from({ length: 24 }, (_, index) =>
      run(index + 1, {
        rule: index % 2 === 0 ? 'even' : 'odd',
        state: states[index % states.length]!,
        plannedAt: 1_000 + index,
      }),
    )
    writer.commit({
      events: events(1, 1),
      changes: [{ newRuns: all.map((each) => ({ run: each, steps: [] })) }],
    })
    const queries = openQueries(dataDir)
    const newestFirst = all.toReversed()
    expect(queries.runs({ limit: 50 })).toEqual(newestFirst)
    expect(queries.runs({ limit: 3, before: 10 }).map(({ id }) => id)).toEqual([9, 8, 7])
    for (const state of states) {
      expect(queries.runs({ state, limit: 50 })).toEqual(newestFirst.filter((each) => each.state === state))
    }
    expect(queries.runs({ rule: 'odd', state: 'dead', since: 1_005, limit: 50 })).toEqual(
      newestFirst.filter(
        ({ rule, state, plannedAt }) => rule === 'odd' && state === 'dead' && plannedAt >= 1_005,
      ),
    )
    expect(queries.totals().runs).toEqual({ planned: 4, running: 4, done: 4, dead: 4, cancelled: 4, dry: 4 })
  })

  it('follow an event to its verdicts, its runs and what came of them', () => {
    const { dataDir, writer } = openBench()
    const verdicts: Verdict[] = STAGES.map((stage, index) => ({
      rule: `rule-${index % 3}`,
      key: 'nas',
      event: 1,
      stage,
      reason: `because ${index}`,
      at: index,
    }))
    const consequence = event(3, { origin: 'hub', client: null, cause: { event: 1, run: 1, depth: 1 } })
    const planned = { run: run(1), steps: [step(1, '10'), step(1, '2'), step(1, '2.0')] }
    writer.commit({ events: [event(1), event(2), consequence], changes: [{ newRuns: [planned], verdicts }] })
    const queries = openQueries(dataDir)
    expect(queries.verdictsOf(1)).toEqual(verdicts)
    expect(queries.verdictsOf(2)).toEqual([])
    expect(queries.runsOf(1)).toEqual([planned.run])
    expect(queries.run(1)?.steps.map(({ path }) => path)).toEqual(['2', '2.0', '10'])
    expect(queries.run(2)).toBeUndefined()
    expect(queries.consequencesOf(1).map(plain)).toEqual([plain(consequence)])
    expect(plain(queries.event(1)!)).toEqual(plain(event(1)))
    expect(queries.event(9)).toBeUndefined()
  })

  it('keep a later verdict of the same stage in the place of the earlier one', () => {
    const { dataDir, writer } = openBench()
    const held: Verdict = { rule: 'door', key: '', event: 1, stage: 'for', reason: 'until 10', at: 1 }
    writer.commit({ changes: [{ verdicts: [held] }, { verdicts: [{ ...held, reason: 'until 20', at: 2 }] }] })
    expect(openQueries(dataDir).verdictsOf(1)).toEqual([{ ...held, reason: 'until 20', at: 2 }])
  })

  it('give totals of an empty journal and of one with an unindexed tail', () => {
    const { dataDir, writer } = openBench()
    const queries = openQueries(dataDir)
    expect(queries.totals()).toMatchObject({ events: 0, oldestEventAt: null, lastEventId: 0, cursor: 0 })
    writer.commit({ events: events(1, 10) })
    writer.beat()
    writer.commit({ events: [event(11), event(12, { recorded: false })], changes: [{ cursor: 3 }] })
    expect(queries.totals()).toMatchObject({
      events: 11,
      oldestEventAt: 1_000_000,
      lastEventId: 12,
      cursor: 3,
    })
    expect(queries.totals().databaseBytes).toBeGreaterThan(10_000)
  })
})

describe("the engine's reads", () => {
  it('find an event, whole or without what may be large', () => {
    const { dataDir, writer } = openBench()
    const cause = { event: 1, run: 2, depth: 3 }
    const all = [event(1), event(2, { cause, properties: Buffer.from('p'), client: null, recorded: false })]
    writer.commit({ events: all })
    const reads = openEngineReads(dataDir)
    for (const one of all) {
      expect(plain(reads.event(one.id)!)).toEqual(plain(one))
      expect(reads.eventHead(one.id)).toEqual(headOf(one))
    }
    expect([reads.event(3), reads.eventHead(3)]).toEqual([undefined, undefined])
  })

  it('find the newest message on a topic up to an event, in the index and in the tail', () => {
    const { dataDir, writer } = openBench()
    const on = (topic: string, ...ids: number[]) => ids.map((id) => event(id, { topic }))
    writer.commit({ events: [...on('a', 1), ...on('b', 2), ...on('a', 3)] })
    writer.beat()
    writer.commit({ events: [...on('b', 4), ...on('a', 5), ...on('a', 6)] })
    const reads = openEngineReads(dataDir)
    const last = (topic: string, upTo: number) => reads.lastOn(topic, upTo)?.id
    expect([1, 2, 3, 4, 5, 6, 7].map((upTo) => last('a', upTo))).toEqual([1, 1, 3, 3, 5, 6, 6])
    expect([1, 2, 3, 4, 5].map((upTo) => last('b', upTo))).toEqual([undefined, 2, 2, 4, 4])
    expect(last('never', 9)).toBeUndefined()
  })

  it('know what is retained even when its event has been forgotten', () => {
    const { dataDir, writer } = openBench()
    const on = { topic: 'ping', retain: true }
    writer.commit({
      events: [
        event(1, { ...on, payload: Buffer.from('down') }),
        event(2, { ...on, payload: Buffer.from('up'), recorded: false }),
        event(3),
      ],
      changes: [{ cursor: 3 }],
    })
    const reads = openEngineReads(dataDir)
    const last = (upTo: number) => reads.lastOn('ping', upTo)
    const known = { id: 2, at: 1_000_000, topic: 'ping', payload: Buffer.from('up'), qos: 1, retain: true }
    expect(last(3)).toMatchObject({ ...known, origin: 'live' })
    writer.beat()
    while (writer.tidy(false));
    expect(reads.event(2)).toBeUndefined()
    expect(last(3)).toMatchObject({ ...known, origin: 'retained' })
    expect(last(1)?.id).toBe(1)
    writer.commit({ events: [event(4, { ...on, payload: Buffer.alloc(0), recorded: false })] })
    expect(last(4)?.payload).toHaveLength(0)
  })

  it('come in pieces that bear a bounded number of bytes, and at least one event', () => {
    const { dataDir, writer } = openBench()
    writer.commit({
      events: [5_000, 0, 100, 100, 800, 1].map((size, index) =>
        event(index + 1, { payload: Buffer.alloc(size) }),
      ),
    })
    const reads = openEngineReads(dataDir)
    const piece = (after: number) => reads.heardAfter(after, 4, 1_000, () => true).events.map(({ id }) => id)
    expect([piece(0), piece(1), piece(5), piece(6)]).toEqual([[1], [2, 3, 4, 5], [6], []])
  })

  it('pass over events that nobody hears, in stretches, and say how far they have looked', () => {
    const { dataDir, writer } = openBench()
    const heard = new Set([2, 5, 6, 9_000])
    const all = events(1, 9_000).map((one) => event(one.id, { topic: heard.has(one.id) ? 'heard' : 'other' }))
    writer.commit({ events: all })
    const reads = openEngineReads(dataDir)
    const look = (after: number, limit: number) => {
      const { events: found, upTo, isAll } = reads.heardAfter(after, limit, 1e6, (topic) => topic === 'heard')
      return { found: found.map(({ id }) => id), upTo, isAll }
    }
    expect(look(0, 2)).toEqual({ found: [2, 5], upTo: 5, isAll: false })
    const ids: number[] = []
    let after = 5
    for (let isAll = false; !isAll;) {
      const found = look(after, 100)
      expect(found.upTo).toBeGreaterThan(after)
      ids.push(...found.found)
      after = found.upTo
      isAll = found.isAll
    }
    expect([ids, after]).toEqual([[6, 9_000], 9_000])
    expect(look(9_000, 100)).toEqual({ found: [], upTo: 9_000, isAll: true })
    expect(look(8_999, 1)).toEqual({ found: [9_000], upTo: 9_000, isAll: true })
  })

  it('see each commit at once, from a connection that was open before', () => {
    const { dataDir, writer } = openBench()
    const reads = openEngineReads(dataDir)
    expect([reads.cursor(), reads.lastRunId(), reads.eventsAfter(0, 1)]).toEqual([0, 0, []])
    writer.commit({ events: events(1, 5), changes: [{ cursor: 2, newRuns: [{ run: run(4), steps: [] }] }] })
    expect([reads.cursor(), reads.lastRunId()]).toEqual([2, 4])
    expect(reads.eventsAfter(2, 2).map(({ id }) => id)).toEqual([3, 4])
    expect(reads.event(5)?.id).toBe(5)
  })
})
