// One table of what an engine reads from its store: each store that an engine runs on gives the same answers.
//
// Covers `src/journal/queries/reads.ts`, `src/engine/virtual/memory-store.ts`, `src/journal/runs/rule-pause-rows.ts`.

import * as fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MemoryStore } from '../../src/engine/virtual/memory-store.ts'
import { openEngineReads } from '../../src/journal/queries/reads.ts'
import type { Silence } from '../../src/model/alert.ts'
import type { ActionSpec } from '../../src/model/action.ts'
import { headOf } from '../../src/model/event.ts'
import type { NewEvent } from '../../src/model/event.ts'
import type { RunState } from '../../src/model/run.ts'
import type { Change, EngineReads, RunChange } from '../../src/model/store.ts'
import { openBench } from '../journal/fixtures.ts'
import {
  alert,
  event,
  newEvent,
  notification,
  plain,
  rulePause,
  run,
  step,
  stepChange,
} from '../journal/nouns.ts'

/** The reads that both stores have. */
type Reads = Pick<EngineReads, keyof EngineReads & keyof MemoryStore>

interface Store {
  /** Appends an event; the ids begin with 1. */
  readonly append: (given: NewEvent) => void
  /** Commits a change. Throws when the store refuses it. */
  readonly commit: (change: Change) => void
  readonly reads: Reads
}

const inMemory = (): Store => {
  const store = new MemoryStore()
  return {
    append: (given) => void store.append(given),
    commit: (change) => store.commit(change),
    reads: store,
  }
}

/** @param isIndexed the index has reached every event */
const inJournal = (isIndexed: boolean) => (): Store => {
  const { dataDir, writer } = openBench()
  const reads = openEngineReads(dataDir)
  onTestFinished(() => reads.close())
  let lastId = 0
  return {
    append: (given) => {
      writer.commit({ events: [event(++lastId, given)] })
      if (isIndexed) writer.beat()
    },
    commit: (change) => {
      const [refused] = writer.commit({ changes: [change] })
      if (refused) throw refused
    },
    reads,
  }
}

const STORES: readonly (readonly [name: string, open: () => Store])[] = [
  ['the store of virtual time', inMemory],
  ['the journal', inJournal(false)],
  ['the journal behind its index', inJournal(true)],
]

const append = (store: Store, ...given: Partial<NewEvent>[]): void => {
  for (const each of given) store.append(newEvent(each))
}

const retained = (topic: string, text: string, rest: Partial<NewEvent> = {}): Partial<NewEvent> => ({
  topic,
  retain: true,
  payload: Buffer.from(text),
  ...rest,
})

const planned = (id: number, ...paths: string[]): Change => ({
  newRuns: [{ run: run(id), steps: paths.map((path) => step(id, path)) }],
})

const became = (id: number, state: RunState, endedAt: number | null): Change => ({
  runs: [{ id, state, startedAt: 5, endedAt, reason: state === 'cancelled' ? 'by hand' : null }],
})

const idsOf = (runs: ReturnType<Reads['unannouncedRuns']>): number[] => runs.map((each) => each.run.id)

const SHELL: ActionSpec = {
  kind: 'shell',
  argv: ['true'],
  timeoutMs: 1,
  retry: { attempts: 1, minMs: 0, maxMs: 0 },
}

const SILENCE: Silence = {
  name: 'work',
  match: { key: 'nas/#', severity: ['info'] },
  fromAt: 1,
  untilAt: 2,
  author: 'anna',
  comment: 'new disk',
  event: 1,
}
const CLOSED = { isClosed: true, telling: null } as const

interface Row {
  readonly says: string
  readonly did: (store: Store) => void
  readonly asked: (reads: Reads) => unknown
  readonly answer: unknown
}

const RESUMED = rulePause('door', { version: 4, state: 'resumed', resumedAt: 40, resumedBy: 'anna' })

const TABLE: readonly Row[] = [
  {
    says: 'has nothing in the beginning',
    did: () => {},
    asked: (reads) => [
      reads.cursor(),
      reads.eventsAfter(0, 9),
      reads.event(1),
      reads.eventHead(1),
      reads.lastOn('a/b', 9),
      reads.retainedUnder(''),
      [...reads.openRunIds()],
      reads.unannouncedRuns(9),
      reads.run(1),
      reads.runHead(1),
      reads.lastRunId(),
      reads.ruleStates(),
      reads.rulePauses(),
      reads.downtimes(),
      reads.behind().behindMs,
    ],
    answer: [0, [], undefined, undefined, undefined, [], [], [], undefined, undefined, 0, [], [], [], 0],
  },
  {
    says: 'gives the pauses of rules in the order of their names, and those that are to be published',
    did: (store) => {
      store.commit({ rulePauses: [rulePause('valve'), rulePause('lamp')] })
      store.commit({ rulePausesPublished: [{ rule: 'valve', version: 1 }] })
      store.commit({ rulePauses: [rulePause('valve', { version: 2 }), RESUMED] })
      store.commit({ rulePausesPublished: [{ rule: 'door', version: 4 }] })
    },
    asked: (reads) => [reads.rulePauses(), reads.unpublishedRulePauses()],
    answer: [
      [RESUMED, rulePause('lamp'), rulePause('valve', { version: 2 })],
      [rulePause('lamp'), rulePause('valve', { version: 2 })],
    ],
  },
  {
    says: 'gives alerts, silences and notifications back unchanged',
    did: (store) =>
      store.commit({
        alerts: [alert('nas'), alert('door', { state: 'resolved' }), alert('old', { state: 'resolved' })],
        silences: [{ name: 'work', silence: SILENCE }],
        notifications: [notification('alert/door'), notification('alert/old', CLOSED)],
        alertsPublished: [{ key: 'nas', version: 1 }],
      }),
    asked: (reads) => [
      reads.alert('nas'),
      reads.alert('no'),
      reads
        .heldAlerts()
        .map(({ key }) => key)
        .toSorted(),
      reads
        .unpublishedAlerts()
        .map(({ key }) => key)
        .toSorted(),
      reads.silences(),
      reads.liveNotifications(),
    ],
    answer: [
      alert('nas'),
      undefined,
      ['door', 'nas'],
      ['door', 'old'],
      [SILENCE],
      [notification('alert/door')],
    ],
  },
  {
    says: 'publishes an alert again that has changed since, and forgets a silence that is over',
    did: (store) => {
      store.commit({ alerts: [alert('nas')], silences: [{ name: 'work', silence: SILENCE }] })
      store.commit({ alertsPublished: [{ key: 'nas', version: 1 }] })
      store.commit({
        alerts: [alert('nas', { version: 2, count: 2 })],
        silences: [{ name: 'work', silence: null }],
      })
    },
    asked: (reads) => [reads.unpublishedAlerts(), reads.silences()],
    answer: [[alert('nas', { version: 2, count: 2 })], []],
  },
  {
    says: 'gives events after an id, oldest first, no more than asked for',
    did: (store) => append(store, {}, {}, {}, {}),
    asked: (reads) =>
      [reads.eventsAfter(1, 2), reads.eventsAfter(3, 9)].map((all) => all.map(({ id }) => id)),
    answer: [[2, 3], [4]],
  },
  {
    says: 'gives an event back unchanged',
    did: (store) =>
      append(
        store,
        {},
        { cause: { event: 1, run: 2, depth: 3 }, properties: Buffer.from('p'), client: null },
      ),
    asked: (reads) => plain(reads.event(2)!),
    answer: plain(
      event(2, { cause: { event: 1, run: 2, depth: 3 }, properties: Buffer.from('p'), client: null }),
    ),
  },
  {
    says: 'gives the head of an event without what may be large',
    did: (store) => append(store, {}, { properties: Buffer.from('p') }),
    asked: (reads) => [reads.eventHead(2), reads.eventHead(3)],
    answer: [headOf(event(2)), undefined],
  },
  {
    says: 'finds the newest message on a topic up to an event',
    did: (store) => append(store, { topic: 'a' }, { topic: 'b' }, { topic: 'a' }),
    asked: (reads) => [0, 1, 2, 3, 9].map((upTo) => reads.lastOn('a', upTo)?.id),
    answer: [undefined, 1, 1, 3, 3],
  },
  {
    says: 'lists the topics with a retained message under a prefix, sorted',
    did: (store) =>
      append(
        store,
        retained('b/2', 'x'),
        retained('a/é', 'x'),
        retained('a/b', 'x'),
        retained('a/gone', 'x'),
        retained('a/gone', ''),
        retained('a/back', ''),
        retained('a/back', 'x'),
        { topic: 'a/live' },
        { topic: 'a/b', payload: Buffer.alloc(0) },
      ),
    asked: (reads) => ['', 'a/', 'a/b', 'c'].map((prefix) => reads.retainedUnder(prefix)),
    answer: [['a/b', 'a/back', 'a/é', 'b/2'], ['a/b', 'a/back', 'a/é'], ['a/b', 'a/back'], []],
  },
  {
    says: 'takes a redelivered message for one that is retained already',
    did: (store) =>
      append(
        store,
        retained('a', 'x'),
        retained('a', '', { origin: 'redelivered' }),
        retained('b', 'x', { origin: 'redelivered' }),
      ),
    asked: (reads) => reads.retainedUnder(''),
    answer: ['a'],
  },
  {
    says: 'orders the steps of a run by their paths, with numbers as numbers',
    did: (store) => {
      append(store, {})
      store.commit(planned(1, '10', '2'))
      store.commit({ newSteps: [step(1, '2.10'), step(1, '2!0'), step(1, '2.9'), step(1, '1')] })
    },
    asked: (reads) => reads.run(1)?.steps.map(({ path }) => path),
    answer: ['1', '2', '2!0', '2.9', '2.10', '10'],
  },
  {
    says: 'has a run without its steps, too',
    did: (store) => store.commit(planned(1, '0')),
    asked: (reads) => [reads.runHead(1), reads.runHead(2)],
    answer: [run(1), undefined],
  },
  {
    says: 'changes of a step what the change names, and its spec and process only when they are given',
    did: (store) => {
      const process = { boot: 'b', pid: 7, startTicks: 1 }
      store.commit(planned(1, '0', '1'))
      store.commit({ steps: [{ ...stepChange(1, '0', 'running', 1), startedAt: 3, process }] })
      store.commit({ steps: [{ ...stepChange(1, '0', 'waiting', 1), cutOffs: 2, wakeAt: 9 }] })
      store.commit({ steps: [{ ...stepChange(1, '1', 'running', 1), spec: SHELL, process }] })
      const outcome = { kind: 'done', result: { exitCode: 0 } } as const
      store.commit({ steps: [{ ...stepChange(1, '1', 'done', 1), endedAt: 4, outcome, process: null }] })
    },
    asked: (reads) => reads.run(1)?.steps,
    answer: [
      step(1, '0', {
        state: 'waiting',
        attempt: 1,
        cutOffs: 2,
        wakeAt: 9,
        process: { boot: 'b', pid: 7, startTicks: 1 },
      }),
      step(1, '1', {
        state: 'done',
        attempt: 1,
        endedAt: 4,
        spec: SHELL,
        outcome: { kind: 'done', result: { exitCode: 0 } },
      }),
    ],
  },
  {
    says: 'lists the runs that have not ended, oldest first, also one that goes on',
    did: (store) => {
      for (const id of [2, 3, 5, 7]) store.commit(planned(id, '0'))
      store.commit(became(3, 'running', null))
      store.commit(became(2, 'dead', 8))
      store.commit(became(5, 'cancelled', 8))
      store.commit(became(2, 'running', null))
    },
    asked: (reads) => [[...reads.openRunIds()], reads.runHead(5)?.reason],
    answer: [[2, 3, 7], 'by hand'],
  },
  {
    says: 'lists the ends that are not announced by the number of the run, whichever ended first',
    did: (store) => {
      for (const id of [1, 2, 3]) store.commit(planned(id))
      for (const id of [3, 1, 2]) store.commit(became(id, 'done', 10 - id))
    },
    asked: (reads) => [idsOf(reads.unannouncedRuns(9)), idsOf(reads.unannouncedRuns(2))],
    answer: [
      [1, 2, 3],
      [1, 2],
    ],
  },
  {
    says: 'announces an end once, again after the run went on, and not while it goes on',
    did: (store) => {
      for (const id of [1, 2, 3]) store.commit(planned(id))
      for (const id of [1, 2, 3]) store.commit(became(id, 'dead', 8))
      store.commit({ announced: [1, 2] })
      store.commit(became(2, 'running', null))
      store.commit(became(2, 'done', 9))
      store.commit(became(3, 'running', null))
    },
    asked: (reads) => idsOf(reads.unannouncedRuns(9)),
    answer: [2],
  },
  {
    says: 'knows the highest number of a run, whatever numbers there are',
    did: (store) => {
      store.commit(planned(7))
      store.commit(planned(4))
    },
    asked: (reads) => reads.lastRunId(),
    answer: 7,
  },
  {
    says: 'keeps one state for each rule and key, and none that is null',
    did: (store) => {
      const state = (rule: string, key: string, value: { n: number } | null) => ({
        rule,
        key,
        state: value,
        wakeAt: value === null ? null : value.n,
      })
      store.commit({
        ruleStates: [state('a', 'k', { n: 1 }), state('a', '', { n: 2 }), state('b', '', { n: 3 })],
      })
      store.commit({ ruleStates: [state('a', 'k', { n: 4 }), state('b', '', null), state('c', '', null)] })
    },
    asked: (reads) => reads.ruleStates().toSorted((a, b) => a.key.localeCompare(b.key)),
    answer: [
      { rule: 'a', key: '', state: { n: 2 }, wakeAt: 2 },
      { rule: 'a', key: 'k', state: { n: 4 }, wakeAt: 4 },
    ],
  },
  {
    says: 'moves the cursor only with a change that says so',
    did: (store) => {
      append(store, {}, {})
      store.commit({ cursor: 2 })
      store.commit(planned(1))
    },
    asked: (reads) => reads.cursor(),
    answer: 2,
  },
]

describe.each(STORES)('%s', (_name, open) => {
  it.each(TABLE)('$says', ({ did, asked, answer }) => {
    const store = open()
    did(store)
    expect(asked(store.reads)).toEqual(answer)
  })
})

const TOPICS = ['a', 'a/b', 'b']
const STATES = ['planned', 'running', 'done', 'dead', 'cancelled'] as const

/** One thing that becomes of a store; `which` chooses among the runs that there are. */
const anyMove = fc.oneof(
  fc.record({
    kind: fc.constant('append' as const),
    topic: fc.constantFrom(...TOPICS),
    retain: fc.boolean(),
    isEmpty: fc.boolean(),
    origin: fc.constantFrom('live' as const, 'redelivered' as const),
  }),
  fc.record({ kind: fc.constant('plan' as const), gap: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('run' as const), which: fc.nat(9), state: fc.constantFrom(...STATES) }),
  fc.record({
    kind: fc.constant('step' as const),
    which: fc.nat(9),
    path: fc.constantFrom('0', '10', '2'),
    state: fc.constantFrom('pending' as const, 'running' as const, 'waiting' as const, 'done' as const),
    attempt: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant('announce' as const), which: fc.nat(9) }),
  fc.record({ kind: fc.constant('state' as const), key: fc.constantFrom('x', 'y'), n: fc.option(fc.nat(3)) }),
)
type Move = typeof anyMove extends fc.Arbitrary<infer T> ? T : never

/** Everything that an engine can read. */
const everything = (reads: Reads, lastId: number, lastRunId: number) => {
  const ids = Array.from({ length: lastId + 2 }, (_, index) => index)
  return {
    cursor: reads.cursor(),
    events: reads.eventsAfter(0, 99).map(plain),
    page: reads.eventsAfter(2, 3).map(({ id }) => id),
    heads: ids.map((id) => reads.eventHead(id)),
    last: TOPICS.map((topic) => ids.map((upTo) => reads.lastOn(topic, upTo)?.id)),
    retained: ['', 'a', 'a/'].map((prefix) => reads.retainedUnder(prefix)),
    open: [...reads.openRunIds()],
    unannounced: [reads.unannouncedRuns(99), reads.unannouncedRuns(2)],
    runs: Array.from({ length: lastRunId + 2 }, (_, id) => [reads.run(id), reads.runHead(id)]),
    lastRunId: reads.lastRunId(),
    states: reads.ruleStates().toSorted((a, b) => a.key.localeCompare(b.key)),
  }
}

/** Does the moves, and returns everything that the store then says. */
function after(moves: readonly Move[], { append: put, commit, reads }: Store): unknown {
  const runs: number[] = []
  let lastId = 0
  for (const [index, move] of moves.entries()) {
    const chosen = 'which' in move ? runs[move.which % runs.length] : undefined
    if (move.kind === 'append') {
      const { topic, retain, origin, isEmpty } = move
      lastId++
      put(newEvent({ topic, retain, origin, payload: Buffer.from(isEmpty ? '' : 'x') }))
      commit({ cursor: Math.floor(lastId / 2) })
    } else if (move.kind === 'plan') {
      const id = (runs.at(-1) ?? 0) + move.gap
      runs.push(id)
      commit(planned(id, '10', '2', '0'))
    } else if (move.kind === 'state') {
      const state = move.n === null ? null : { n: move.n }
      commit({ ruleStates: [{ rule: 'r', key: move.key, state, wakeAt: move.n }] })
    } else if (chosen === undefined) continue
    else if (move.kind === 'announce') commit({ announced: [chosen] })
    else if (move.kind === 'step')
      commit({ steps: [{ ...stepChange(chosen, move.path, move.state, move.attempt), wakeAt: index }] })
    else commit(became(chosen, move.state, endOf(move.state, index)))
  }
  return everything(reads, lastId, runs.at(-1) ?? 0)
}

const endOf = (state: RunState, now: number): RunChange['endedAt'] =>
  state === 'planned' || state === 'running' ? null : now

it('is told the same by the journal and by the store of virtual time, whatever has become of them', () => {
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 30 }), fc.boolean(), (moves, isIndexed) => {
      expect(after(moves, inMemory())).toEqual(after(moves, inJournal(isIndexed)()))
    }),
    { numRuns: 25 },
  )
})
