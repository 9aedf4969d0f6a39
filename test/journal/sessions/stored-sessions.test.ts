// The stored sessions: SQLite and an obviously right log in memory take the same changes, and must return the
// same.
//
// Covers `src/journal/sessions/ended-sessions.ts`, `src/journal/sessions/mailboxes.ts`,
// `src/journal/sessions/owed.ts`, `src/model/session.ts`.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../../src/model/event.ts'
import type { HandshakeKind, SessionChange, StoredSessions } from '../../../src/model/session.ts'
import { hidesRoot } from '../../../src/topics/hidden.ts'
import { MemorySessionLog } from '../../broker/memory-session-log.ts'
import { reach } from '../../support/reach.ts'
import { openBench, openRaw } from '../fixtures.ts'
import { event, plain } from '../nouns.ts'

const TOPICS = ['a', 'a/b', 'a/b/c', '$x/a', 'vigie/b']
const HIDES = hidesRoot('vigie')
const GROUPS = ['$share/g/a/#', '$share/h/a']
const FILTERS = ['#', 'a', 'a/#', 'a/+', '+/b', 'vigie/b', '$share/g/a/#']

const number = fc.integer({ min: 1, max: 3 })
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const packetId = fc.integer({ min: 1, max: 4 })
const share = fc.double({ min: 0, max: 1, noNaN: true })

/** An arbitrary change. Ids of events are a share of `upTo`, so that they fit a history of any length. */
const anyChange = (upTo: number): fc.Arbitrary<SessionChange> => {
  const id = share.map((part) => Math.round(part * upTo))
  const handshake = (
    kind: HandshakeKind,
    group: fc.Arbitrary<string | null> = fc.constant(null),
    session = number,
  ) =>
    fc.record({
      kind: fc.constant(kind),
      session,
      filter: group,
      packetId,
      event: fc.integer({ min: 1, max: Math.max(1, upTo) }),
    })
  return fc.oneof(
    fc
      .record({
        kind: fc.constant('opened' as const),
        session: number,
        expirySeconds: fc.nat(100),
        user: fc.option(fc.constant('anna')),
        realm: fc.option(fc.constant('local ')),
        acknowledgedUpTo: fc.constant(upTo),
      })
      .map((change) => ({ ...change, client: `c${change.session}` })),
    fc.record({ kind: fc.constant('left' as const), session: number, goneAt: fc.nat(1_000) }),
    fc.record({ kind: fc.constant('ended' as const), session: number }),
    fc.record({
      kind: fc.constant('subscribed' as const),
      session: number,
      subscription: fc.record({
        filter: fc.constantFrom(...FILTERS),
        qos,
        noLocal: fc.boolean(),
        retainAsPublished: fc.boolean(),
        identifier: fc.nat(3),
        since: id,
        retainedUpTo: id,
      }),
    }),
    fc.record({
      kind: fc.constant('unsubscribed' as const),
      session: number,
      filter: fc.constantFrom(...FILTERS),
      upTo: id,
    }),
    fc.record({
      kind: fc.constant('progressed' as const),
      session: number,
      upTo: id,
      sentUpTo: id,
      owedUpTo: fc.option(id),
    }),
    fc.record({
      kind: fc.constant('will' as const),
      will: fc.record({
        session: number,
        client: fc.constantFrom('c1', 'c2'),
        topic: fc.constantFrom(...TOPICS),
        payload: fc.uint8Array({ maxLength: 5 }),
        qos,
        retain: fc.boolean(),
        properties: fc.option(fc.uint8Array({ maxLength: 5 })),
        delaySeconds: fc.nat(10),
        dueAt: fc.constant(null),
      }),
    }),
    fc.record({ kind: fc.constant('will-gone' as const), session: number }),
    handshake('took'),
    handshake('let-go'),
    handshake('sent', fc.option(fc.constantFrom(...GROUPS))),
    handshake('shared', fc.constantFrom(...GROUPS), fc.integer({ min: 0, max: 3 })),
    handshake('unshared', fc.constantFrom(...GROUPS), fc.constant(0)),
    handshake('fed', fc.constantFrom(...FILTERS)),
    fc.record({
      kind: fc.constant('feed-ended' as const),
      session: number,
      filter: fc.constantFrom(...FILTERS),
    }),
    fc.record({ kind: fc.constant('dissolved' as const), share: fc.constantFrom(...GROUPS) }),
    handshake('released'),
    handshake('done'),
  )
}

const anyEvent = (id: number): fc.Arbitrary<Event> =>
  fc
    .record({ topic: fc.constantFrom(...TOPICS), qos, client: fc.constantFrom('c1', 'c2', 'other') })
    .map((fields) => event(id, fields))

/** Groups to commit: each is one event and the changes after it. */
const anyHistory = fc.array(fc.nat(4), { minLength: 1, maxLength: 25 }).chain((counts) =>
  fc.tuple(
    ...counts.map((count, index) =>
      fc.record({
        happened: anyEvent(index + 1),
        changes: fc.array(anyChange(index + 1), { minLength: count, maxLength: count }),
      }),
    ),
  ),
)

/** Makes stored sessions comparable: bytes as text, sorted where the order has no meaning. */
const comparable = ({ sessions, shares, wills }: StoredSessions) => ({
  shares: shares
    .map(({ share: group, events }) => [group, ...events] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  sessions: sessions
    .map(({ owed, received, sent, fed, subscriptions, past, ...row }) => ({
      row,
      past: past.toSorted((a, b) => a.filter.localeCompare(b.filter) || a.upTo - b.upTo),
      fed: fed.map(({ filter, event: id }) => `${filter} ${id}`).toSorted(),
      owed: [...owed],
      received: received.toSorted((a, b) => a - b),
      sent: sent
        .map(
          ({ event: one, packetId: id, qos: its, filter }) =>
            [`${id} ${its} ${filter}`, one && plain(one)] as const,
        )
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      subscriptions: subscriptions.toSorted((a, b) => (a.filter < b.filter ? -1 : 1)),
    }))
    .toSorted((a, b) => a.row.number - b.row.number),
  wills: wills
    .map(({ payload, properties, ...will }) => ({
      ...will,
      payload: [...payload],
      properties: properties && [...properties],
    }))
    .toSorted((a, b) => a.session - b.session),
})

/** A subscription at QoS 1 that is owed all events from the first on. */
const atQos1 = (filter: string) =>
  ({
    filter,
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    identifier: 0,
    since: 0,
    retainedUpTo: 0,
  }) as const

describe('what is kept of sessions', () => {
  it(
    'is what the log in memory makes of the same changes, however far the index has come',
    { timeout: 600_000 },
    () => {
      fc.assert(
        fc.property(anyHistory, fc.nat(30), fc.nat(30), (history, beats, tidies) => {
          const { dataDir, writer } = openBench({ hides: HIDES })
          const events: Event[] = []
          const memory = new MemorySessionLog(
            () => 0,
            () => events,
          )
          const opened = new Set<number>()
          /**
           * The current number of each session of the history: a session that begins again gets another one.
           */
          const given = new Map<number, number>([[0, 0]])
          let lastNumber = 0
          for (const [index, { happened, changes }] of history.entries()) {
            // A session that does not exist has no changes.
            const sessions = changes.flatMap((change): SessionChange[] => {
              if (change.kind === 'dissolved') return [change]
              const asked = change.kind === 'will' ? change.will.session : change.session
              if (change.kind === 'opened' && !opened.has(asked)) given.set(asked, ++lastNumber)
              if (change.kind === 'opened') opened.add(asked)
              const session = given.get(asked)
              if (session === undefined) return []
              if (change.kind === 'shared' || change.kind === 'unshared') return [{ ...change, session }]
              if (!opened.has(asked)) return []
              if (change.kind === 'ended') opened.delete(asked)
              if (change.kind === 'will') return [{ kind: 'will', will: { ...change.will, session } }]
              return [{ ...change, session }]
            })
            events.push(happened)
            for (const change of sessions) memory.append(change)
            writer.commit({ events: [happened], sessions })
            if (index === beats) writer.beat()
            if (index === tidies) while (writer.tidy(false));
          }
          const expected = comparable(memory.stored(HIDES))
          expect(comparable(writer.sessions())).toEqual(expected)
          writer.close()
          const { writer: next } = openBench({ dataDir, hides: HIDES })
          expect(comparable(next.sessions())).toEqual(expected)
          while (next.tidy(false));
          expect(comparable(next.sessions())).toEqual(expected)
          next.close()
        }),
        { numRuns: Number(process.env['VIGIE_MODEL_RUNS'] ?? reach(25, 100)) },
      )
    },
  )

  it('is the same after a commit that failed and was tried again', () => {
    const { dataDir, writer, fill } = openBench()
    const session = {
      session: 1,
      client: 'a',
      user: null,
      realm: null,
      expirySeconds: 60,
      acknowledgedUpTo: 0,
    }
    const subscription = atQos1('t')
    writer.commit({ events: [event(1)], sessions: [{ kind: 'opened', ...session }] })
    const group = {
      events: [event(2, { topic: 't', payload: Buffer.alloc(100_000) })],
      sessions: [{ kind: 'subscribed', session: 1, subscription }] as const,
    }
    const empty = fill()
    expect(() => writer.commit(group)).toThrow('full')
    expect(writer.sessions().sessions[0]!.subscriptions).toEqual([])
    empty()
    writer.commit(group)
    expect([...writer.sessions().sessions[0]!.owed]).toEqual([2])
    writer.close()
    expect([...openBench({ dataDir }).writer.sessions().sessions[0]!.owed]).toEqual([2])
  })

  it('holds back from pruning what is owed, until it is settled or the session ends', () => {
    const { dataDir, writer, clock } = openBench({ history: { keepMs: 1_000, maxBytes: null, rules: [] } })
    const session = {
      session: 1,
      client: 'a',
      user: null,
      realm: null,
      expirySeconds: 60,
      acknowledgedUpTo: 0,
    }
    const subscription = atQos1('owed')
    writer.commit({
      events: [
        event(1, { topic: 'owed', recorded: false }),
        event(2, { topic: 'owed' }),
        event(3, { topic: 'other' }),
        event(4, { topic: 'owed', qos: 0 }),
        event(5, { topic: 'newest' }),
      ],
      sessions: [
        { kind: 'opened', ...session },
        { kind: 'subscribed', session: 1, subscription },
      ],
      changes: [{ cursor: 5 }],
    })
    const left = () => openRaw(dataDir).prepare<[], number>('SELECT id FROM events ORDER BY id').pluck().all()
    const prune = () => {
      clock.advance(120_000)
      writer.beat()
      while (writer.tidy(false));
    }
    prune()
    expect(left()).toEqual(expect.arrayContaining([1, 2, 5]))
    expect(left()).not.toContain(3)
    writer.commit({ sessions: [{ kind: 'progressed', session: 1, upTo: 1, sentUpTo: 1, owedUpTo: null }] })
    prune()
    expect(left()).toEqual(expect.arrayContaining([2, 5]))
    expect(left()).not.toContain(1)
    writer.commit({ sessions: [{ kind: 'ended', session: 1 }] })
    prune()
    expect(left()).toEqual([5])
  })

  it("owes no hub's own event to a wildcard in the first level, and lets pruning have it", () => {
    const history = { keepMs: 1_000, maxBytes: null, rules: [] }
    const { dataDir, writer, clock } = openBench({ history, hides: HIDES })
    const open = (session: number, filter: string): SessionChange[] => [
      {
        kind: 'opened',
        session,
        client: filter,
        user: null,
        realm: null,
        expirySeconds: 60,
        acknowledgedUpTo: 0,
      },
      { kind: 'subscribed', session, subscription: atQos1(filter) },
    ]
    writer.commit({
      events: [
        event(1, { topic: 'vigie/b', recorded: false }),
        event(2, { topic: 'vigie/a', recorded: false }),
        event(3, { topic: 'newest' }),
      ],
      sessions: [...open(1, '#'), ...open(2, '+/b'), ...open(3, 'vigie/a')],
      changes: [{ cursor: 3 }],
    })
    expect(writer.sessions().sessions.map(({ owed }) => [...owed])).toEqual([[3], [], [2]])
    clock.advance(120_000)
    writer.beat()
    while (writer.tidy(false));
    const left = openRaw(dataDir).prepare<[], number>('SELECT id FROM events ORDER BY id').pluck().all()
    expect(left).toEqual([2, 3])
  })
})

describe('a session that has ended', () => {
  const COUNT = 3_000
  const PARTS = [
    'subscriptions',
    'past_subscriptions',
    'handshakes_in',
    'handshakes_out',
    'fed',
    'ended_sessions',
  ]

  const opened = (session: number) =>
    ({
      kind: 'opened',
      session,
      client: 'a',
      user: null,
      realm: null,
      expirySeconds: 60,
      acknowledgedUpTo: 0,
    }) as const
  const subscribed = (session: number, filter: string) =>
    ({ kind: 'subscribed', session, subscription: atQos1(filter) }) as const
  const step = (kind: HandshakeKind, id: number) =>
    ({ kind, session: 1, packetId: id, event: 1, filter: null }) as const

  /**
   * Thousands of present and past subscriptions, and a row of everything else that a session may have, all
   * for event 1.
   */
  const muchOfIt = (): SessionChange[] => [
    opened(1),
    ...Array.from({ length: COUNT }, (_, index) => subscribed(1, `t/+/${index}`)),
    subscribed(1, 't/x/#'),
    ...Array.from({ length: COUNT }, (_, index): SessionChange[] => [
      subscribed(1, `past/+/${index}`),
      { kind: 'unsubscribed', session: 1, filter: `past/+/${index}`, upTo: 1 },
    ]).flat(),
    step('took', 1),
    step('sent', 2),
    { ...step('fed', 0), filter: 't/x/#' },
  ]

  function rowsIn(dataDir: string): number {
    const db = openRaw(dataDir)
    const counts = PARTS.map((table) =>
      db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!,
    )
    db.close()
    return counts.reduce((sum, count) => sum + count)
  }

  const begun = (options: Parameters<typeof openBench>[0] = {}) => {
    const bench = openBench(options)
    bench.writer.commit({
      events: [event(1, { topic: 't/x/0' }), event(2, { topic: 'other' })],
      sessions: muchOfIt(),
      changes: [{ cursor: 2 }],
    })
    bench.writer.tidy(false) // what was committed counts for the next step
    return bench
  }

  it('is removed in steps, between which others are served, by whichever hub there is', () => {
    const { dataDir, writer } = begun()
    const before = rowsIn(dataDir)
    writer.commit({ sessions: [{ kind: 'ended', session: 1 }] })
    expect(rowsIn(dataDir)).toBe(before + 1)
    let left = before + 1
    const tidy = (by: typeof writer): boolean => {
      const more = by.tidy(false)
      expect(left - rowsIn(dataDir)).toBeLessThanOrEqual(600)
      left = rowsIn(dataDir)
      return more
    }
    for (let steps = 0; steps < 3; steps++) expect(tidy(writer)).toBe(true)
    expect(left).toBeGreaterThan(COUNT)

    // A new hub goes on as after a crash, and a second one in the middle of its work.
    let hub = openBench({ dataDir }).writer
    for (let steps = 0; steps < 3; steps++) expect(tidy(hub)).toBe(true)
    hub = openBench({ dataDir }).writer
    expect(hub.sessions()).toMatchObject({ sessions: [], lastNumber: 1 })
    while (tidy(hub));
    expect(left).toBe(0)
  })

  it('does not come back to life in the next session of its client, at no point of its removal', () => {
    const { dataDir, writer } = begun()
    writer.commit({ sessions: [{ kind: 'ended', session: 1 }, opened(2), subscribed(2, 't/+/0')] })
    let steps = 0
    for (let hub = writer, more = true; more; hub = openBench({ dataDir }).writer) {
      expect(steps++).toBeLessThan(30)
      expect(hub.sessions().lastNumber).toBe(2)
      expect(comparable(hub.sessions()).sessions).toMatchObject([
        { row: { number: 2 }, subscriptions: [{ filter: 't/+/0' }], owed: [1] },
      ])
      expect(comparable(hub.sessions()).sessions).toMatchObject([
        { past: [], received: [], sent: [], fed: [] },
      ])
      more = hub.tidy(false)
      hub.close()
    }
    expect(rowsIn(dataDir)).toBe(1)
  })

  it('holds no event back from pruning, however much of it is left', () => {
    const { dataDir, writer, clock } = begun({ history: { keepMs: 1_000, maxBytes: null, rules: [] } })
    const left = () => openRaw(dataDir).prepare<[], number>('SELECT id FROM events ORDER BY id').pluck().all()
    clock.advance(120_000)
    writer.beat()
    for (let steps = 0; steps < 5; steps++) writer.tidy(false)
    expect(left()).toEqual([1, 2])
    writer.commit({ sessions: [{ kind: 'ended', session: 1 }] })
    clock.advance(120_000)
    writer.beat()
    for (let steps = 0; left().length > 1; steps++) {
      expect(steps).toBeLessThan(8)
      writer.tidy(false)
    }
    expect(left()).toEqual([2])
    expect(rowsIn(dataDir)).toBeGreaterThan(1_000)
  })

  it('stays whole when the commit that ends it fails', () => {
    const { dataDir, writer, fill } = begun()
    const before = rowsIn(dataDir)
    const empty = fill()
    const group = {
      sessions: [{ kind: 'ended', session: 1 }],
      changes: [{ ruleStates: [{ rule: 'r', key: '', state: { text: 'x'.repeat(100_000) }, wakeAt: null }] }],
    } as const
    expect(() => writer.commit(group)).toThrow('full')
    while (writer.tidy(false));
    expect(rowsIn(dataDir)).toBe(before)
    expect(comparable(writer.sessions()).sessions).toMatchObject([{ owed: [1] }])
    empty()
    writer.commit(group)
    while (writer.tidy(false));
    expect(rowsIn(dataDir)).toBe(0)
  })
})
