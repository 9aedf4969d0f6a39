// Forgets history by age: events topic by topic, then runs, clients and topics that no event refers to any
// more.

import type { Database } from 'better-sqlite3'
import { topicMatches } from '../../topics/matches.ts'
import type { NameNumbers } from '../database/names.ts'
import type { HistoryLimits, Reach } from './history-limits.ts'
import { HAS_RUN, LISTED, NOT_NEWEST_RUN, OPEN } from './removal.ts'
import type { Removal } from './removal.ts'
import { TopicEvents } from '../events/slices.ts'
import { HOUR_MS } from '../events/trailing-index.ts'

const ROWS_PER_TRANSACTION = 1_000
const TOPICS_PER_TRANSACTION = 200

/** A topic whose history is kept for a limited time. */
interface Limited {
  readonly id: number
  readonly name: string
  /** Events before this moment are too old. */
  readonly before: number
}

export class Aging {
  readonly #limits: HistoryLimits
  readonly #topics: NameNumbers
  readonly #clients: NameNumbers
  readonly #removal: Removal
  readonly #topicEvents: TopicEvents
  readonly #sql

  constructor(
    db: Database,
    limits: HistoryLimits,
    removal: Removal,
    names: { readonly topics: NameNumbers; readonly clients: NameNumbers },
  ) {
    this.#limits = limits
    this.#topics = names.topics
    this.#clients = names.clients
    this.#removal = removal
    this.#topicEvents = new TopicEvents(db)
    this.#sql = prepare(db)
  }

  *round(now: number, reach: Reach): Generator<void, void> {
    yield* this.#expired(now, reach)
    yield* this.#runsWithoutEvent(now)
    yield* this.#clientsWithoutEvent()
    this.#resolvedAlerts(now)
  }

  /**
   * Removes expired events topic by topic: each topic has its own limit, and the index gives its oldest
   * events first.
   */
  *#expired(now: number, reach: Reach): Generator<void, void> {
    for (let after = 0; ;) {
      const topics = this.#sql.topicsAfter.all(after, TOPICS_PER_TRANSACTION)
      if (topics.length === 0) break
      const limited = topics.flatMap(({ id, name }) => {
        const keepMs = this.#keepMsOf(name)
        return keepMs === null ? [] : [{ id, name, before: now - keepMs }]
      })
      for (const topic of limited) yield* this.#expiredOf(topic, now, reach)
      // No yield between these two: a new event could arrive on a topic that is about to be dropped.
      for (const { id, before } of limited) this.#sql.dropHours.run(id, Math.floor(before / HOUR_MS))
      this.#dropTopicsWithoutAnything(limited)
      after = topics.at(-1)!.id
      yield
    }
    if (this.#limits.keepMs !== null) this.#sql.dropGaps.run(now - this.#limits.keepMs)
  }

  *#expiredOf({ id: topic, name, before }: Limited, now: number, reach: Reach): Generator<void, void> {
    const upTo = yield* this.#lastExpired(topic, before, now, reach.upTo)
    for (let after = 0; after < upTo;) {
      const page = this.#oldest(topic, after, upTo)
      if (page.length === 0) return
      const gone = this.#sql.withoutOpenRun.all(JSON.stringify(page)).filter((id) => reach.isFree(id, name))
      if (gone.length > 0) this.#removal.events(gone)
      after = page.at(-1)!
      yield
    }
  }

  /**
   * Finds the newest event of the topic that is too old, 0 for none; all events before it expire too. A
   * moment in the future comes from a clock that was ahead: such an event is as old as the events after it.
   */
  *#lastExpired(topic: number, before: number, now: number, upTo: number): Generator<void, number> {
    let expired = 0
    for (let after = 0, length = 1; ; length = ROWS_PER_TRANSACTION) {
      const page = this.#sql.timesOf.all(JSON.stringify(this.#oldest(topic, after, upTo, length)))
      const young = page.findIndex(({ at }) => at >= before && at <= now)
      const old = young === -1 ? page : page.slice(0, young)
      expired = old.findLast(({ at }) => at < before)?.id ?? expired
      if (young !== -1 || page.length < length) return expired
      after = page.at(-1)!.id
      if (length > 1) yield
    }
  }

  #oldest(topic: number, after: number, upTo: number, most = ROWS_PER_TRANSACTION): number[] {
    const ids: number[] = []
    for (const id of this.#topicEvents.oldest(topic, after)) {
      if (id > upTo || ids.push(id) === most) break
    }
    return ids
  }

  #dropTopicsWithoutAnything(topics: readonly { readonly id: number; readonly name: string }[]): void {
    const unused = topics.filter(({ id }) => this.#sql.isUnused.get({ id }) !== undefined)
    if (unused.length === 0) return
    const recent = new Set(this.#sql.recentTopics.all())
    for (const { id, name } of unused) {
      if (recent.has(id)) continue
      this.#sql.dropTopic.run(id)
      this.#topics.drop(name)
    }
  }

  /** Removes ended runs whose events history excludes, by the age of the run. */
  *#runsWithoutEvent(now: number): Generator<void, void> {
    const { keepMs } = this.#limits
    if (keepMs === null) return
    for (let after = 0; ;) {
      const page = this.#sql.runsAfter.all({ after, endedBefore: now - keepMs, limit: ROWS_PER_TRANSACTION })
      if (page.length === 0) return
      this.#removal.runs(page.filter(({ gone }) => gone === 1).map(({ id }) => id))
      after = page.at(-1)!.id
      yield
    }
  }

  *#clientsWithoutEvent(): Generator<void, void> {
    for (let after = 0; ;) {
      const page = this.#sql.clientsAfter.all(after, ROWS_PER_TRANSACTION)
      if (page.length === 0) return
      const gone = page.filter((client) => client.gone === 1)
      if (gone.length > 0) this.#sql.dropClients.run(JSON.stringify(gone.map(({ id }) => id)))
      for (const { name } of gone) this.#clients.drop(name)
      after = page.at(-1)!.id
      yield
    }
  }

  /** Removes what ended long ago: alerts that were resolved, with their past, and notifications of groups. */
  #resolvedAlerts(now: number): void {
    const { keepMs } = this.#limits
    if (keepMs === null) return
    const before = now - keepMs
    this.#sql.dropNotifications.run(before, ROWS_PER_TRANSACTION)
    this.#sql.dropAlerts.run(before, ROWS_PER_TRANSACTION)
    this.#sql.dropFlips.run(before, ROWS_PER_TRANSACTION)
  }

  #keepMsOf(topic: string): number | null {
    const rule = this.#limits.rules.find(({ filter }) => topicMatches(filter, topic))
    return rule === undefined ? this.#limits.keepMs : rule.keepMs
  }
}

const prepare = (db: Database) => ({
  topicsAfter: db.prepare<[number, number], { id: number; name: string }>(
    'SELECT id, name FROM topics WHERE id > ? ORDER BY id LIMIT ?',
  ),
  timesOf: db.prepare<[string], { id: number; at: number }>(
    `SELECT id, at FROM events WHERE id IN ${LISTED} ORDER BY id`,
  ),
  withoutOpenRun: db
    .prepare<[string], number>(
      `SELECT id FROM events WHERE id IN ${LISTED} AND NOT ${HAS_RUN(OPEN)} ORDER BY id`,
    )
    .pluck(),
  runsAfter: db.prepare<
    [{ after: number; endedBefore: number; limit: number }],
    { id: number; gone: number }
  >(
    `SELECT id, state NOT IN (${OPEN}) AND ended_at < @endedBefore
       AND NOT EXISTS (SELECT 1 FROM events WHERE events.id = runs.event) AND ${NOT_NEWEST_RUN} AS gone
     FROM runs WHERE id > @after ORDER BY id LIMIT @limit`,
  ),
  clientsAfter: db.prepare<[number, number], { id: number; name: string; gone: number }>(
    `SELECT id, name, last_event < (SELECT min(id) FROM events) AND id NOT IN (
         SELECT client FROM events WHERE id > (SELECT indexed_to FROM journal) AND client IS NOT NULL) AS gone
     FROM clients WHERE id > ? ORDER BY id LIMIT ?`,
  ),
  dropHours: db.prepare<[number, number]>('DELETE FROM topic_hours WHERE topic = ? AND hour < ?'),
  isUnused: db.prepare<[{ id: number }]>(
    `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM topic_slices WHERE topic = @id)
       AND NOT EXISTS (SELECT 1 FROM topic_hours WHERE topic = @id)
       AND NOT EXISTS (SELECT 1 FROM retained WHERE topic = @id)`,
  ),
  recentTopics: db
    .prepare<[], number>(
      `SELECT topic FROM recent_slices UNION
       SELECT topic FROM events WHERE id > (SELECT indexed_to FROM journal)`,
    )
    .pluck(),
  dropTopic: db.prepare<[number]>('DELETE FROM topics WHERE id = ?'),
  dropClients: db.prepare<[string]>(`DELETE FROM clients WHERE id IN ${LISTED}`),
  dropNotifications: db.prepare<[number, number]>(
    `DELETE FROM notifications WHERE (channel, subject) IN (
       SELECT channel, subject FROM notifications WHERE is_closed = 1 AND opened_at < ? AND NOT EXISTS (
         SELECT 1 FROM alerts WHERE state <> 'resolved'
           AND key IN (SELECT value FROM json_each(notifications.alerts)))
       LIMIT ?)`,
  ),
  dropAlerts: db.prepare<[number, number]>(
    `DELETE FROM alerts WHERE key IN (
       SELECT key FROM alerts WHERE state = 'resolved' AND since_at < ? AND published = version
         AND NOT EXISTS (SELECT 1 FROM notifications WHERE is_closed = 0
           AND alerts.key IN (SELECT value FROM json_each(notifications.alerts)))
       LIMIT ?)`,
  ),
  // The last flip of an open alert stays.
  dropFlips: db.prepare<[number, number]>(
    `DELETE FROM alert_flips WHERE (key, number) IN (
       SELECT key, number FROM alert_flips WHERE at < ?
         AND number NOT IN (SELECT flips FROM alerts WHERE alerts.key = alert_flips.key) LIMIT ?)`,
  ),
  dropGaps: db.prepare<[number]>('DELETE FROM gaps WHERE to_at < ?'),
})
