// Forgets history by age and size, in steps of at most a thousand rows between commits. What a step frees is used again by
// what comes; only where much is free is the file made smaller, in small steps too. There is no blocking vacuum.
//
// Never goes: an event past the engine's cursor, one that an open run refers to or a rule holds, one that is owed to a session,
// the newest event and the newest run. Each of them stays alone: what came after it may go.

import type { Database } from 'better-sqlite3'
import type { Clock } from '../base/clock.ts'
import { topicMatches } from '../topics/matches.ts'
import { RECORDED } from './event-flags.ts'
import { heldEvents } from './held.ts'
import type { NameNumbers } from './names.ts'
import type { Owed } from './owed.ts'
import { NOT_NEWEST_RUN, Removal } from './removal.ts'
import { TopicEvents } from './slices.ts'
import { HOUR_MS } from './trailing-index.ts'

/** How long history is kept. `null` is without end. */
export interface HistoryLimits {
  readonly keepMs: number | null
  /** The oldest events go first, whatever the rules say. */
  readonly maxBytes: number | null
  /** A length of its own for some topics: the first filter that matches counts. */
  readonly rules: readonly { readonly filter: string; readonly keepMs: number | null }[]
}

export const KEEP_ALL: HistoryLimits = { keepMs: null, maxBytes: null, rules: [] }

const STEP_ROWS = 1_000
const STEP_TOPICS = 200
const STEP_PAGES = 500
const AGE_ROUND_MS = 60_000
/** This much of the file may lie free for what comes. */
const FREE_PAGES = 4_096

export class Pruner {
  readonly #db: Database
  readonly #clock: Clock
  readonly #limits: HistoryLimits
  readonly #topics: NameNumbers
  readonly #clients: NameNumbers
  readonly #owed: Owed
  readonly #removal: Removal
  readonly #topicEvents: TopicEvents
  readonly #sql
  #round: Generator<void, void> | undefined
  /** The round looks at no event after this one. */
  #upTo = 0
  /** Of those that it looks at. */
  #held: ReadonlySet<number> = new Set()
  #agedAt = -Infinity

  constructor(
    db: Database,
    clock: Clock,
    limits: HistoryLimits,
    beside: { readonly topics: NameNumbers; readonly clients: NameNumbers; readonly owed: Owed },
  ) {
    this.#db = db
    this.#clock = clock
    this.#limits = limits
    this.#topics = beside.topics
    this.#clients = beside.clients
    this.#owed = beside.owed
    this.#removal = new Removal(db)
    this.#topicEvents = new TopicEvents(db)
    this.#sql = prepare(db)
  }

  get underway(): boolean {
    return this.#round !== undefined
  }

  /** Begins a round unless one is under way. */
  begin(): void {
    this.#round ??= this.#prune()
  }

  /** One step of the round, within a transaction. A step that throws ends the round. */
  step(): void {
    const round = this.#round
    this.#round = undefined
    if (round !== undefined && round.next().done !== true) this.#round = round
  }

  *#prune(): Generator<void, void> {
    const now = this.#clock.now()
    const isOfAge = now - this.#agedAt >= AGE_ROUND_MS
    this.#upTo = this.#sql.prunableTo.get() ?? 0
    // An event that a rule lets go in the meantime may have an open run: each page of events is asked for after this.
    if (isOfAge || this.#isOversize() || this.#unrecordedAfter(0, 1).length > 0)
      this.#held = yield* heldEvents(this.#db)
    yield* this.#unrecorded()
    yield* this.#oversize()
    if (isOfAge) {
      this.#agedAt = now
      yield* this.#expired(now)
      yield* this.#runsWithoutEvent(now)
      yield* this.#clientsWithoutEvent()
    }
    yield* this.#shrink()
  }

  /** What history excludes goes as soon as the engine has passed it; a dead run keeps its event, for it may be retried. */
  *#unrecorded(): Generator<void, void> {
    for (let after = 0; ;) {
      const page = this.#unrecordedAfter(after, STEP_ROWS)
      if (page.length === 0) return
      this.#removal.eventsOnly(this.#free(page))
      after = page.at(-1)!.id
      yield
    }
  }

  /** The oldest go first, events and the ended runs of their time. */
  *#oversize(): Generator<void, void> {
    for (let after = 0; this.#isOversize();) {
      const page = this.#sql.oldest.all({ after, upTo: this.#upTo, limit: STEP_ROWS })
      const last = page.at(-1)?.id
      const runs = this.#sql.oldestEndedRuns.all({ upTo: last ?? this.#upTo, limit: STEP_ROWS })
      if (last === undefined && runs.length === 0) return
      this.#removal.runs(runs)
      this.#removal.events(this.#free(page))
      after = last ?? after
      yield
    }
  }

  /** Topic by topic: each has its own length, and in the index its oldest events come first. */
  *#expired(now: number): Generator<void, void> {
    for (let after = 0; ;) {
      const topics = this.#sql.topicsAfter.all(after, STEP_TOPICS)
      if (topics.length === 0) break
      const limited = topics.flatMap(({ id, name }) => {
        const keepMs = this.#keepMsOf(name)
        return keepMs === null ? [] : [{ id, name, before: now - keepMs }]
      })
      for (const { id, name, before } of limited) yield* this.#expiredOf(id, name, before)
      // Without a yield in between: what comes meanwhile may be on a topic that had nothing left.
      for (const { id, before } of limited) this.#sql.dropHours.run(id, Math.floor(before / HOUR_MS))
      this.#dropTopicsWithoutAnything(limited)
      after = topics.at(-1)!.id
      yield
    }
    if (this.#limits.keepMs !== null) this.#sql.dropGaps.run(now - this.#limits.keepMs)
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

  *#expiredOf(topic: number, name: string, before: number): Generator<void, void> {
    const oldest = this.#topicEvents.oldest(topic, 0).next().value
    if (oldest === undefined || this.#sql.atOf.get(oldest)! >= before) return
    for (let after = 0; ;) {
      const page = this.#sql.ageOf.all(JSON.stringify(this.#oldestOf(topic, after)))
      const end = page.findIndex(({ at }) => at >= before)
      const expired = end === -1 ? page : page.slice(0, end)
      const ids = expired
        .filter(({ id, needed }) => needed === 0 && this.#isFree(id, name))
        .map(({ id }) => id)
      if (ids.length > 0) {
        this.#removal.events(ids)
        yield
      }
      if (end !== -1 || page.length < STEP_ROWS) return
      after = page.at(-1)!.id
    }
  }

  /** A step's worth of the topic's prunable events. */
  #oldestOf(topic: number, after: number): number[] {
    const ids: number[] = []
    for (const id of this.#topicEvents.oldest(topic, after)) {
      if (id > this.#upTo || ids.push(id) === STEP_ROWS) break
    }
    return ids
  }

  /** Runs of events that history excluded go by their own age. */
  *#runsWithoutEvent(now: number): Generator<void, void> {
    const { keepMs } = this.#limits
    if (keepMs === null) return
    for (let after = 0; ;) {
      const page = this.#sql.runsAfter.all({ after, endedBefore: now - keepMs, limit: STEP_ROWS })
      if (page.length === 0) return
      this.#removal.runs(page.filter(({ gone }) => gone === 1).map(({ id }) => id))
      after = page.at(-1)!.id
      yield
    }
  }

  *#clientsWithoutEvent(): Generator<void, void> {
    for (let after = 0; ;) {
      const page = this.#sql.clientsAfter.all(after, STEP_ROWS)
      if (page.length === 0) return
      const gone = page.filter((client) => client.gone === 1)
      if (gone.length > 0) this.#sql.dropClients.run(JSON.stringify(gone.map(({ id }) => id)))
      for (const { name } of gone) this.#clients.drop(name)
      after = page.at(-1)!.id
      yield
    }
  }

  *#shrink(): Generator<void, void> {
    while (this.#pragma('freelist_count') > Math.max(FREE_PAGES, this.#pragma('page_count') / 4)) {
      this.#db.pragma(`incremental_vacuum(${STEP_PAGES})`)
      yield
    }
  }

  #unrecordedAfter(after: number, limit: number): { readonly id: number; readonly topic: string }[] {
    return this.#sql.unrecorded.all({ after, upTo: this.#upTo, limit })
  }

  #free(page: readonly { readonly id: number; readonly topic: string }[]): number[] {
    return page.filter(({ id, topic }) => this.#isFree(id, topic)).map(({ id }) => id)
  }

  #isFree(id: number, topic: string): boolean {
    return !this.#held.has(id) && !this.#owed.isOwed(id, topic)
  }

  #keepMsOf(topic: string): number | null {
    const rule = this.#limits.rules.find(({ filter }) => topicMatches(filter, topic))
    return rule === undefined ? this.#limits.keepMs : rule.keepMs
  }

  #isOversize(): boolean {
    const usedPages = this.#pragma('page_count') - this.#pragma('freelist_count')
    return usedPages * this.#pragma('page_size') > (this.#limits.maxBytes ?? Infinity)
  }

  #pragma(name: string): number {
    return this.#db.pragma(name, { simple: true }) as number
  }
}

const LISTED = '(SELECT value FROM json_each(?))'
const HAS_RUN = (states: string) =>
  `EXISTS (SELECT 1 FROM runs WHERE runs.event = events.id AND runs.state IN (${states}))`
const TOPIC_NAME = '(SELECT name FROM topics WHERE topics.id = events.topic) AS topic'
const OPEN = `'planned', 'running'`

const prepare = (db: Database) => ({
  prunableTo: db
    .prepare<[], number | null>(
      'SELECT min(cursor, indexed_to, (SELECT max(id) FROM events) - 1) FROM journal',
    )
    .pluck(),
  unrecorded: db.prepare<[{ after: number; upTo: number; limit: number }], { id: number; topic: string }>(
    `SELECT id, ${TOPIC_NAME} FROM events
     WHERE flags & ${RECORDED} = 0 AND id > @after AND id <= @upTo AND NOT ${HAS_RUN(`${OPEN}, 'dead'`)}
     ORDER BY id LIMIT @limit`,
  ),
  oldest: db.prepare<[{ after: number; upTo: number; limit: number }], { id: number; topic: string }>(
    `SELECT id, ${TOPIC_NAME} FROM events
     WHERE id > @after AND id <= @upTo AND NOT ${HAS_RUN(OPEN)} ORDER BY id LIMIT @limit`,
  ),
  topicsAfter: db.prepare<[number, number], { id: number; name: string }>(
    'SELECT id, name FROM topics WHERE id > ? ORDER BY id LIMIT ?',
  ),
  atOf: db.prepare<[number], number>('SELECT at FROM events WHERE id = ?').pluck(),
  ageOf: db.prepare<[string], { id: number; at: number; needed: number }>(
    `SELECT id, at, ${HAS_RUN(OPEN)} AS needed FROM events WHERE id IN ${LISTED} ORDER BY id`,
  ),
  runsAfter: db.prepare<
    [{ after: number; endedBefore: number; limit: number }],
    { id: number; gone: number }
  >(
    `SELECT id, state NOT IN (${OPEN}) AND ended_at < @endedBefore
       AND NOT EXISTS (SELECT 1 FROM events WHERE events.id = runs.event) AND ${NOT_NEWEST_RUN} AS gone
     FROM runs WHERE id > @after ORDER BY id LIMIT @limit`,
  ),
  oldestEndedRuns: db
    .prepare<[{ upTo: number; limit: number }], number>(
      `SELECT id FROM runs WHERE event <= @upTo AND state NOT IN (${OPEN}) AND ${NOT_NEWEST_RUN}
       ORDER BY event LIMIT @limit`,
    )
    .pluck(),
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
  dropGaps: db.prepare<[number]>('DELETE FROM gaps WHERE to_at < ?'),
})
