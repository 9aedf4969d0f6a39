// What is kept of sessions: SQLite and an obviously right log in memory are told the same, and must find the same again.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import type { HandshakeKind, SessionChange, StoredSessions } from '../../src/model/session.ts'
import { MemorySessionLog } from '../broker/memory-session-log.ts'
import { openBench, openRaw } from './fixtures.ts'
import { event, plain } from './nouns.ts'

const TOPICS = ['a', 'a/b', 'a/b/c', '$x/a']
const GROUPS = ['$share/g/a/#', '$share/h/a']
const FILTERS = ['#', 'a', 'a/#', 'a/+', '+/b', '$share/g/a/#']

const number = fc.integer({ min: 1, max: 3 })
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const packetId = fc.integer({ min: 1, max: 4 })
const share = fc.double({ min: 0, max: 1, noNaN: true })

/** Ids of events are a share of those that there are, so that any length of history makes sense. */
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
        settledUpTo: fc.constant(upTo),
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
      kind: fc.constant('settled' as const),
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

/** Groups as they are committed: one event, and what is said after it. */
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

/** Events as plain text, order where order means something. */
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

describe('what is kept of sessions', () => {
  it(
    'is what the log in memory makes of the same changes, however far the index has come',
    { timeout: 600_000 },
    () => {
      fc.assert(
        fc.property(anyHistory, fc.nat(30), (history, beats) => {
          const { writer } = openBench()
          const events: Event[] = []
          const memory = new MemorySessionLog(
            () => 0,
            () => events,
          )
          const opened = new Set<number>()
          for (const [index, { happened, changes }] of history.entries()) {
            // Of a session that is not there nothing is said.
            const sessions = changes.filter((change) => {
              if (change.kind === 'opened') opened.add(change.session)
              if (change.kind === 'dissolved' || change.kind === 'shared' || change.kind === 'unshared')
                return true
              const session = change.kind === 'will' ? change.will.session : change.session
              const isThere = opened.has(session)
              if (change.kind === 'ended') opened.delete(session)
              return isThere
            })
            events.push(happened)
            for (const change of sessions) memory.keep(change)
            writer.commit({ events: [happened], sessions })
            if (index === beats) writer.beat()
          }
          expect(comparable(writer.sessions())).toEqual(comparable(memory.stored()))
          writer.close()
        }),
        { numRuns: Number(process.env['VIGIE_MODEL_RUNS'] ?? 60) },
      )
    },
  )

  it('is the same after a commit that failed and was tried again', () => {
    const { dataDir, writer, fill } = openBench()
    const session = { session: 1, client: 'a', user: null, expirySeconds: 60, settledUpTo: 0 }
    const subscription = {
      filter: 't',
      qos: 1,
      noLocal: false,
      retainAsPublished: false,
      identifier: 0,
      since: 0,
      retainedUpTo: 0,
    } as const
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
    const session = { session: 1, client: 'a', user: null, expirySeconds: 60, settledUpTo: 0 }
    const subscription = {
      filter: 'owed',
      qos: 1,
      noLocal: false,
      retainAsPublished: false,
      identifier: 0,
      since: 0,
      retainedUpTo: 0,
    } as const
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
    writer.commit({ sessions: [{ kind: 'settled', session: 1, upTo: 1, sentUpTo: 1, owedUpTo: null }] })
    prune()
    expect(left()).toEqual(expect.arrayContaining([2, 5]))
    expect(left()).not.toContain(1)
    writer.commit({ sessions: [{ kind: 'ended', session: 1 }] })
    prune()
    expect(left()).toEqual([5])
  })
})
