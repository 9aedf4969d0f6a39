// Covers `src/journal/runs/change-writer.ts`, `src/journal/runs/run-rows.ts`,
// `src/journal/events/event-rows.ts`, `src/journal/events/retained.ts`, `src/model/run.ts`.

import { describe, expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openEngineReads } from '../../../src/journal/queries/reads.ts'
import type { StepState } from '../../../src/model/run.ts'
import type { Change, StepChange } from '../../../src/model/store.ts'
import { openBench, openRaw } from '../fixtures.ts'
import { event, events, plain, run, step, stepChange } from '../nouns.ts'

describe('the writer', () => {
  it('keeps events as they were handed in, and knows the last id when it opens again', () => {
    const { dataDir, writer } = openBench()
    const given = [
      event(1),
      event(2, {
        topic: 'x/ü',
        payload: Buffer.alloc(0),
        qos: 0,
        origin: 'hub',
        client: null,
        recorded: false,
      }),
      event(3, { retain: true, properties: Buffer.from([1, 2]), cause: { event: 1, run: 9, depth: 2 } }),
      event(4, { cause: { event: 3, run: null, depth: 1 }, at: 999 }),
    ]
    writer.commit({ events: given })
    const reads = openEngineReads(dataDir)
    expect(reads.eventsAfter(0, 10).map(plain)).toEqual(given.map(plain))
    reads.close()
    writer.close()
    expect(openBench({ dataDir }).writer.lastEventId).toBe(4)
  })

  it('keeps more events than go into one statement', () => {
    const { dataDir, writer } = openBench()
    writer.commit({ events: events(1, 100) })
    expect(
      openEngineReads(dataDir)
        .eventsAfter(0, 200)
        .map(({ id }) => id),
    ).toEqual(events(1, 100).map(({ id }) => id))
  })

  it('keeps of each topic the last retained message, and none after an empty one', () => {
    const { writer } = openBench()
    writer.commit({
      events: [
        event(1, { topic: 'kept', retain: true, payload: Buffer.from('1') }),
        event(2, { topic: 'gone', retain: true }),
        event(3, { topic: 'kept', retain: true, payload: Buffer.from('2'), qos: 2, at: 5 }),
        event(4, { topic: 'gone', retain: true, payload: Buffer.alloc(0) }),
        event(5, { topic: 'kept', payload: Buffer.from('passing') }),
        event(6, { topic: 'emptied', retain: true }),
      ],
    })
    writer.commit({ events: [event(7, { topic: 'emptied', retain: true, payload: Buffer.alloc(0) })] })
    expect(writer.retained()).toEqual([
      { topic: 'kept', event: 3, at: 5, payload: Buffer.from('2'), qos: 2, properties: null },
    ])
  })

  it('commits a change whole: cursor, runs, steps, verdicts and states together', () => {
    const { dataDir, writer, clock } = openBench()
    const reads = openEngineReads(dataDir)
    writer.commit({ events: events(1, 3) })
    const details = { change: 'lost', together: { count: 2, keys: ['a', 'b'] } } as const
    const planned = {
      run: run(1, { event: 2, details }),
      steps: [step(1, '0'), step(1, '1', { spec: null })],
    }
    writer.commit({
      changes: [
        {
          cursor: 2,
          newRuns: [planned],
          verdicts: [{ rule: 'door', key: '', event: 2, stage: 'fired', reason: '', at: 7 }],
          ruleStates: [{ rule: 'door', key: '', state: { n: 1 }, wakeAt: 9 }],
        },
      ],
    })
    expect(reads.cursor()).toBe(2)
    expect(reads.openRunIds().map((id) => reads.run(id))).toEqual([planned])
    expect(reads.ruleStates()).toEqual([{ rule: 'door', key: '', state: { n: 1 }, wakeAt: 9 }])
    expect(reads.lastRunId()).toBe(1)

    const identity = { boot: 'b', pid: 7, startTicks: 1 }
    const done = { kind: 'done', result: { exitCode: 0 } } as const
    clock.advance(10)
    writer.commit({
      changes: [
        {
          runs: [{ id: 1, state: 'running', startedAt: 10, endedAt: null, reason: null }],
          steps: [{ ...stepChange(1, '0', 'running', 1), startedAt: 10, process: identity }],
        },
        { steps: [{ ...stepChange(1, '0', 'done', 1), endedAt: 20, outcome: done }] },
        {
          newSteps: [step(1, '1!0')],
          runs: [{ id: 1, state: 'dead', startedAt: 10, endedAt: 30, reason: null }],
          ruleStates: [{ rule: 'door', key: '', state: null, wakeAt: null }],
        },
      ],
    })
    expect(reads.openRunIds()).toEqual([])
    expect(reads.ruleStates()).toEqual([])
    const after = reads.run(1)!
    expect(after.run).toMatchObject({ state: 'dead', startedAt: 10, endedAt: 30 })
    expect(after.steps.map(({ path, state }) => [path, state])).toEqual([
      ['0', 'done'],
      ['1', 'pending'],
      ['1!0', 'pending'],
    ])
    expect(after.steps[0]).toMatchObject({ outcome: done, process: identity, spec: step(1, '0').spec })
    expect(reads.unannouncedRuns(10).map((each) => each.run.id)).toEqual([1])
    writer.commit({ changes: [{ announced: [1] }] })
    expect(reads.unannouncedRuns(10)).toEqual([])
    writer.commit({
      changes: [{ runs: [{ id: 1, state: 'running', startedAt: 10, endedAt: null, reason: null }] }],
    })
    writer.commit({
      changes: [{ runs: [{ id: 1, state: 'done', startedAt: 10, endedAt: 40, reason: null }] }],
    })
    expect(reads.unannouncedRuns(10).map((each) => each.run.id)).toEqual([1])
    reads.close()
  })

  it('keeps each attempt of a step, with when and how it ended', () => {
    const { dataDir, writer, clock } = openBench({ now: 100 })
    const retry = { kind: 'retry', reason: 'no answer' } as const
    const done = { kind: 'done', result: {} } as const
    const commit = (change: Change): void => {
      expect(writer.commit({ changes: [change] })).toEqual([null])
      clock.advance(10)
    }
    commit({ newRuns: [{ run: run(1), steps: [step(1, '0')] }] })
    const change = (state: StepState, attempt: number, more: Partial<StepChange> = {}): void =>
      commit({ steps: [{ ...stepChange(1, '0', state, attempt), startedAt: 110, ...more }] })
    const tries = (): readonly unknown[] =>
      openQueries(dataDir)
        .attemptsOf(1)
        .map(({ attempt, startedAt, endedAt, outcome }) => [attempt, startedAt, endedAt, outcome])
    change('running', 1)
    expect(tries()).toEqual([[1, 110, null, null]])
    change('waiting', 1, { wakeAt: 500, outcome: retry })
    expect(tries()).toEqual([[1, 110, 120, retry]])
    change('running', 2, { outcome: retry })
    change('pending', 2, { outcome: retry })
    change('running', 2, { outcome: retry })
    change('dead', 2, { endedAt: 155, outcome: retry })
    change('pending', 2, { outcome: retry })
    change('running', 3, { outcome: retry })
    change('done', 3, { endedAt: 185, outcome: done })
    expect(tries()).toEqual([
      [1, 110, 120, retry],
      [2, 130, 155, retry],
      [3, 180, 185, done],
    ])
  })

  it('keeps when and how a wait ended, whose claim was committed before it waited', () => {
    const { dataDir, writer } = openBench({ now: 100 })
    const done = { kind: 'done', result: {} } as const
    writer.commit({ changes: [{ newRuns: [{ run: run(1), steps: [step(1, '0')] }] }] })
    const change = (state: StepState, more: Partial<StepChange> = {}): void => {
      const changes = [{ steps: [{ ...stepChange(1, '0', state, 1), startedAt: 110, ...more }] }]
      expect(writer.commit({ changes })).toEqual([null])
    }
    change('running')
    change('waiting', { wakeAt: 500 })
    change('done', { endedAt: 500, outcome: done })
    expect(openQueries(dataDir).attemptsOf(1)).toEqual([
      { path: '0', attempt: 1, startedAt: 110, endedAt: 500, outcome: done },
    ])
  })

  it('keeps the first try of a step that a hand tries again', () => {
    const { dataDir, writer, clock } = openBench({ now: 100 })
    const gone = { kind: 'give-up', reason: 'gone' } as const
    const change = (state: StepState, attempt: number, more: Partial<StepChange> = {}): void => {
      const changes = [{ steps: [{ ...stepChange(1, '0', state, attempt), startedAt: 100, ...more }] }]
      expect(writer.commit({ changes })).toEqual([null])
      clock.advance(10)
    }
    writer.commit({ changes: [{ newRuns: [{ run: run(1), steps: [step(1, '0')] }] }] })
    change('dead', 1, { endedAt: 105, outcome: gone })
    expect(openQueries(dataDir).attemptsOf(1)).toEqual([
      { path: '0', attempt: 1, startedAt: 100, endedAt: 105, outcome: gone },
    ])
    change('running', 2, { outcome: gone })
    expect(openQueries(dataDir).attemptsOf(1)).toEqual([
      { path: '0', attempt: 1, startedAt: 100, endedAt: 105, outcome: gone },
      { path: '0', attempt: 2, startedAt: 110, endedAt: null, outcome: null },
    ])
  })

  it('refuses a change that is wrong in itself, whole, and commits the events and changes beside it', () => {
    const { dataDir, writer } = openBench()
    const good = { newRuns: [{ run: run(1), steps: [step(1, '0')] }] }
    const refused = writer.commit({
      events: events(1, 3),
      changes: [
        good,
        { cursor: 3, ...good },
        { cursor: 2, newRuns: [{ run: run(2, { state: 'asleep' as 'done' }), steps: [] }] },
        { cursor: 2, runs: [{ id: 77, state: 'done', startedAt: null, endedAt: null, reason: null }] },
        { cursor: 2, steps: [stepChange(1, '9', 'done', 0)] },
        {
          cursor: 2,
          verdicts: [{ rule: 'new', key: '', event: 1, stage: 'guessed' as 'fired', reason: '', at: 0.5 }],
        },
        { cursor: 1 },
        { cursor: 0 },
        { verdicts: [{ rule: 'new', key: '', event: 1, stage: 'fired', reason: '', at: 1 }] },
      ],
    })
    expect(refused.map((error) => error?.message ?? null)).toEqual([
      null,
      'UNIQUE constraint failed: runs.id',
      expect.stringContaining('CHECK constraint failed'),
      'There is no run 77 to change.',
      'There is no step 9 of run 1 to change.',
      expect.stringContaining('cannot store REAL value in INTEGER column'),
      null,
      'The cursor cannot go back to event 0.',
      null,
    ])
    const reads = openEngineReads(dataDir)
    expect([reads.cursor(), reads.lastRunId(), reads.eventsAfter(0, 9).length]).toEqual([1, 1, 3])
    expect(openQueries(dataDir).verdictsOf(1)).toHaveLength(1)
  })

  it('writes nothing of a group that the disk refuses, and the same group once there is room', () => {
    const { dataDir, writer, fill } = openBench()
    writer.commit({ events: events(1, 1) })
    const big = {
      events: events(2, 50, { topic: 'new/topic', client: 'new', payload: Buffer.alloc(100_000) }),
      changes: [{ cursor: 1 }],
    }
    const makeRoom = fill()
    expect(() => writer.commit(big)).toThrow('database or disk is full')
    const reads = openEngineReads(dataDir)
    expect([writer.lastEventId, reads.eventsAfter(0, 99).length, reads.cursor()]).toEqual([1, 1, 0])
    makeRoom()
    expect(writer.commit(big)).toEqual([null])
    expect(reads.eventsAfter(0, 99).map(plain)).toEqual([...events(1, 1), ...big.events].map(plain))
  })

  it('knows for how long nobody watched: since an orderly stop, or since the last sign of life', () => {
    const { dataDir, writer, clock } = openBench({ now: 1_000 })
    expect(writer.downtime).toBeNull()
    clock.advance(500)
    writer.close()
    const second = openBench({ dataDir, now: 5_000 })
    expect(second.writer.downtime).toEqual({ fromAt: 1_500, toAt: 5_000, clean: true })
    second.clock.advance(100)
    second.writer.beat()
    // The event is later than the heartbeat. Then the hub is killed: the next one opens before this one
    // closes.
    second.writer.commit({ events: [event(1, { at: 5_150 })] })
    const third = openBench({ dataDir, now: 9_000 })
    expect(third.writer.downtime).toEqual({ fromAt: 5_150, toAt: 9_000, clean: false })
    expect(openEngineReads(dataDir).downtimes()).toEqual([second.writer.downtime, third.writer.downtime])
    const setBack = openBench({ dataDir, now: 2_000 })
    const clockSet = { byMs: -7_000, afterEvent: 1 }
    expect(setBack.writer.downtime).toEqual({ fromAt: 2_000, toAt: 2_000, clean: false, clockSet })
  })

  it('keeps what was skipped as a fact', () => {
    const { dataDir, writer } = openBench()
    writer.commit({ gaps: [{ afterEvent: 0, fromAt: 1, toAt: 2, events: 3 }] })
    expect(openRaw(dataDir).prepare('SELECT after_event, from_at, to_at, events FROM gaps').all()).toEqual([
      { after_event: 0, from_at: 1, to_at: 2, events: 3 },
    ])
  })

  it('takes its names up again after a rollback', () => {
    const { dataDir, writer } = openBench()
    expect(() => writer.commit({ events: [event(1, { topic: 't' }), event(1, { topic: 't' })] })).toThrow(
      'UNIQUE',
    )
    writer.commit({ events: [event(1, { topic: 'other' }), event(2, { topic: 't' })] })
    expect(
      openEngineReads(dataDir)
        .eventsAfter(0, 9)
        .map(({ topic }) => topic),
    ).toEqual(['other', 't'])
  })
})
