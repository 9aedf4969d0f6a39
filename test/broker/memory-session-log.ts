// A session log in memory, obviously right and slow: what is kept can be read at any time, as a hub that died then would find it.

import type { Event, QoS } from '../../src/model/event.ts'
import type {
  PastSubscription,
  SessionChange,
  SessionLog,
  StoredSession,
  StoredSessions,
  StoredSubscription,
  StoredWill,
} from '../../src/model/session.ts'
import { type Hides, hidesDollar } from '../../src/topics/hidden.ts'
import { topicMatches } from '../../src/topics/matches.ts'
import { isShared } from '../../src/topics/names.ts'

type Row = Omit<StoredSession, 'subscriptions' | 'past' | 'received' | 'sent' | 'fed' | 'owed'> & {
  owedUpTo: number | null
}

export class MemorySessionLog implements SessionLog {
  readonly changes: SessionChange[] = []
  /** Of each change. */
  readonly marks: number[] = []
  readonly #mark: () => number
  readonly #events: () => readonly Event[]

  /** @param mark of what is said now; @param events that there are */
  constructor(mark: () => number, events: () => readonly Event[]) {
    this.#mark = mark
    this.#events = events
  }

  append(change: SessionChange): number {
    const mark = this.#mark()
    this.changes.push(structuredClone(change))
    this.marks.push(mark)
    return mark
  }

  eventsOf(ids: readonly number[]): Promise<Event[]> {
    return Promise.resolve(this.#events().filter(({ id }) => ids.includes(id)))
  }

  /** What the changes amount to, where wildcards in the first level leave out what `hides` says. */
  stored(hides: Hides = hidesDollar): StoredSessions {
    const events = this.#events()
    const sessions = new Map<number, Row>()
    const subscriptions = new Map<number, Map<string, StoredSubscription>>()
    const received = new Map<number, Set<number>>()
    const sent = new Map<number, Map<number, { event: number; released: boolean; filter: string | null }>>()
    /** By event and group. */
    const shared = new Map<string, { event: number; share: string; session: number; packetId: number }>()
    const past = new Map<number, PastSubscription[]>()
    const fed = new Map<number, { filter: string; event: number }[]>()
    const unfeed = (session: number, filter: string): void => {
      fed.set(
        session,
        (fed.get(session) ?? []).filter((one) => one.filter !== filter),
      )
    }
    const wills = new Map<number, StoredWill>()
    let lastNumber = 0
    for (const change of this.changes) {
      const number =
        change.kind === 'will' ? change.will.session : change.kind === 'dissolved' ? 0 : change.session
      lastNumber = Math.max(lastNumber, number)
      const row = sessions.get(number)
      const mend = (fields: Partial<Row>) => row && sessions.set(number, { ...row, ...fields })
      switch (change.kind) {
        case 'opened': {
          const { client, user, realm, expirySeconds, acknowledgedUpTo } = change
          const isNew = { acknowledgedUpTo, sentUpTo: acknowledgedUpTo, owedUpTo: null }
          sessions.set(number, { ...isNew, ...row, number, client, user, realm, expirySeconds, goneAt: null })
          break
        }
        case 'left':
          mend({ goneAt: change.goneAt })
          break
        case 'ended':
          for (const table of [sessions, subscriptions, past, received, sent, fed]) table.delete(number)
          break
        case 'subscribed':
          of(subscriptions, number, () => new Map()).set(change.subscription.filter, change.subscription)
          unfeed(change.session, change.subscription.filter)
          break
        case 'unsubscribed':
          {
            const before = subscriptions.get(number)?.get(change.filter)
            if (before && before.qos > 0 && !isShared(before.filter) && before.since < change.upTo) {
              const all = of(past, number, () => [])
              const isNew = !all.some(({ filter, upTo }) => filter === before.filter && upTo === change.upTo)
              if (isNew) all.push({ ...before, retainedUpTo: 0, upTo: change.upTo })
            }
          }
          subscriptions.get(number)?.delete(change.filter)
          unfeed(change.session, change.filter)
          break
        case 'fed':
          of(fed, number, () => []).push({ filter: change.filter!, event: change.event })
          break
        case 'feed-ended': {
          const before = subscriptions.get(number)?.get(change.filter)
          if (before) subscriptions.get(number)!.set(change.filter, { ...before, retainedUpTo: 0 })
          unfeed(change.session, change.filter)
          break
        }
        case 'progressed': {
          past.set(
            number,
            (past.get(number) ?? []).filter(({ upTo }) => upTo > change.upTo),
          )
          const sentUpTo = Math.max(change.sentUpTo, row?.sentUpTo ?? 0)
          mend({ acknowledgedUpTo: change.upTo, sentUpTo, owedUpTo: change.owedUpTo })
          break
        }
        case 'will':
          wills.set(number, change.will)
          break
        case 'will-due':
          wills.set(number, { ...wills.get(number)!, dueAt: change.dueAt })
          break
        case 'will-gone':
          wills.delete(number)
          break
        case 'took':
          of(received, number, () => new Set()).add(change.packetId)
          break
        case 'let-go':
          received.get(number)?.delete(change.packetId)
          break
        case 'sent':
          of(sent, number, () => new Map()).set(change.packetId, {
            event: change.event,
            released: false,
            filter: change.filter,
          })
          mend({ sentUpTo: Math.max(row?.sentUpTo ?? 0, change.event) })
          break
        case 'released': {
          const one = sent.get(number)?.get(change.packetId)
          if (one) one.released = true
          break
        }
        case 'done':
          sent.get(number)?.delete(change.packetId)
          break
        case 'shared': {
          const { event, session, packetId } = change
          shared.set(`${event} ${change.filter}`, { event, session, packetId, share: change.filter! })
          break
        }
        case 'unshared':
          shared.delete(`${change.event} ${change.filter}`)
          break
        case 'dissolved':
          for (const [key, { share, session }] of shared) {
            if (share === change.share && session === 0) shared.delete(key)
          }
          break
        default:
          change satisfies never
      }
    }
    const handed = [...shared.values()].toSorted((a, b) => a.event - b.event)
    const waiting = handed.filter(({ session }) => !sessions.has(session))
    return {
      lastNumber,
      wills: [...wills.values()],
      shares: Array.from(
        Map.groupBy(waiting, ({ share }) => share),
        ([share, rows]) => ({ share, events: Float64Array.from(rows, ({ event }) => event) }),
      ),
      sessions: Array.from(sessions.values(), ({ owedUpTo, ...row }) => {
        const asked = [...(subscriptions.get(row.number)?.values() ?? [])]
        const gone = past.get(row.number) ?? []
        return {
          ...row,
          subscriptions: asked,
          past: gone,
          received: [...(received.get(row.number) ?? [])],
          fed: (fed.get(row.number) ?? []).filter(
            ({ filter, event }, index, all) =>
              all.findIndex((one) => one.filter === filter && one.event === event) === index,
          ),
          sent: [
            ...Array.from(sent.get(row.number) ?? [], ([packetId, { event, released, filter }]) => {
              return { packetId, id: event, released, filter, qos: 2 as const }
            }),
            ...handed
              .filter(({ session }) => session === row.number)
              .map(({ packetId, event, share }) => {
                return { packetId, id: event, released: false, filter: share, qos: 1 as const }
              }),
          ]
            .toSorted((a, b) => a.id - b.id)
            .map(({ id, released, ...one }) => ({
              ...one,
              event: released ? null : events.find((event) => event.id === id)!,
            })),
          owed: Float64Array.from(
            events
              .filter((event) => isOwed(event, { ...row, owedUpTo }, [...asked, ...gone], hides))
              .map(({ id }) => id),
          ),
        }
      }),
    }
  }
}

function isOwed(
  event: Event,
  row: Row,
  asked: readonly (StoredSubscription & { upTo?: number })[],
  hides: Hides,
): boolean {
  const qos = asked
    .filter(({ filter }) => !isShared(filter) && topicMatches(filter, event.topic, hides))
    .filter(({ since, upTo = Infinity }) => event.id > since && event.id <= upTo)
    .filter(({ noLocal }) => !noLocal || event.client !== row.client)
    .reduce<QoS>((most, one) => (one.qos > most ? one.qos : most), 0)
  const granted = Math.min(qos, event.qos)
  if (granted === 0 || event.id <= row.acknowledgedUpTo || event.id > (row.owedUpTo ?? Infinity)) return false
  return granted === 1 || event.id > row.sentUpTo
}

function of<V>(map: Map<number, V>, key: number, create: () => V): V {
  const value = map.get(key) ?? create()
  map.set(key, value)
  return value
}
