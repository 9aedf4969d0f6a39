// Forgets history by age and size, in steps of at most a thousand rows between commits. What a step frees is used again by
// what comes; only where much is free is the file made smaller, in small steps too. There is no blocking vacuum.
//
// Never goes: an event past the engine's cursor, one that an open run or a rule's state refers to, the newest.

import type { Database } from 'better-sqlite3'
import type { Clock } from '../base/clock.ts'
import { topicMatches } from '../topics/matches.ts'
import type { NameNumbers } from './names.ts'
import { preparePruning } from './prune-sql.ts'
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
  readonly #sql
  #round: Generator<void, void> | undefined
  #agedAt = -Infinity

  constructor(
    db: Database,
    clock: Clock,
    limits: HistoryLimits,
    names: { readonly topics: NameNumbers; readonly clients: NameNumbers },
  ) {
    this.#db = db
    this.#clock = clock
    this.#limits = limits
    this.#topics = names.topics
    this.#clients = names.clients
    this.#sql = preparePruning(db)
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
    yield* this.#unrecorded()
    yield* this.#oversize()
    const now = this.#clock.now()
    if (now - this.#agedAt >= AGE_ROUND_MS) {
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
      const ids = this.#sql.unrecorded.all({ after, upTo: this.#prunableTo(), limit: STEP_ROWS })
      if (ids.length === 0) return
      const list = JSON.stringify(ids)
      this.#sql.dropVerdictsWithoutRun.run(list)
      this.#dropEvents(list)
      after = ids.at(-1)!
      yield
    }
  }

  /** The oldest go first, events and the ended runs of their time. */
  *#oversize(): Generator<void, void> {
    const maxBytes = this.#limits.maxBytes ?? Infinity
    for (let after = 0; this.#usedBytes() > maxBytes;) {
      const ids = this.#sql.oldest.all({ after, upTo: this.#prunableTo(), limit: STEP_ROWS })
      const last = ids.at(-1)
      const runs = this.#sql.oldestEndedRuns.all({ upTo: last ?? Infinity, limit: STEP_ROWS })
      if (last === undefined && runs.length === 0) return
      this.#dropRuns(runs)
      this.#dropHistory(ids)
      after = last ?? after
      yield
    }
  }

  /** Topic by topic: each has its own length, and in the index its oldest events come first. */
  *#expired(now: number): Generator<void, void> {
    for (let after = 0; ;) {
      const topics = this.#sql.topicsAfter.all(after, STEP_TOPICS)
      if (topics.length === 0) break
      const inTail = new Set(this.#sql.topicsInTail.all())
      for (const { id, name } of topics) {
        const keepMs = this.#keepMsOf(name)
        if (keepMs === null) continue
        yield* this.#expiredOf(id, now - keepMs)
        this.#sql.dropHours.run(id, Math.floor((now - keepMs) / HOUR_MS))
        if (!inTail.has(id) && this.#sql.dropTopicWithoutAnything.run({ id }).changes > 0) {
          this.#topics.drop(name)
        }
      }
      after = topics.at(-1)!.id
      yield
    }
    if (this.#limits.keepMs !== null) this.#sql.dropGaps.run(now - this.#limits.keepMs)
  }

  *#expiredOf(topic: number, before: number): Generator<void, void> {
    const oldest = this.#sql.oldestAtOf.get(topic)
    if (oldest === undefined || oldest >= before) return
    for (let after = 0; ;) {
      const page = this.#sql.oldestOf.all({ topic, after, upTo: this.#prunableTo(), limit: STEP_ROWS })
      const end = page.findIndex(({ at }) => at >= before)
      const expired = end === -1 ? page : page.slice(0, end)
      const ids = expired.filter(({ needed }) => needed === 0).map(({ id }) => id)
      if (ids.length > 0) {
        this.#dropHistory(ids)
        yield
      }
      if (end !== -1 || page.length < STEP_ROWS) return
      after = page.at(-1)!.id
    }
  }

  /** Runs of events that history excluded go by their own age. */
  *#runsWithoutEvent(now: number): Generator<void, void> {
    const { keepMs } = this.#limits
    if (keepMs === null) return
    for (let after = 0; ;) {
      const page = this.#sql.runsAfter.all({ after, endedBefore: now - keepMs, limit: STEP_ROWS })
      if (page.length === 0) return
      this.#dropRuns(page.filter(({ gone }) => gone === 1).map(({ id }) => id))
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

  /** With all that hangs on them: verdicts, ended runs. */
  #dropHistory(ids: readonly number[]): void {
    const list = JSON.stringify(ids)
    this.#sql.dropVerdicts.run(list)
    this.#sql.dropRunsOf.run(list)
    this.#dropEvents(list)
  }

  #dropRuns(ids: readonly number[]): void {
    const list = JSON.stringify(ids)
    this.#sql.dropVerdictsOfRuns.run(list)
    this.#sql.dropRuns.run(list)
  }

  #dropEvents(list: string): void {
    this.#sql.uncount.run(list)
    this.#sql.dropIndex.run(list)
    this.#sql.dropEvents.run(list)
  }

  #prunableTo(): number {
    return this.#sql.prunableTo.get()!
  }

  #keepMsOf(topic: string): number | null {
    const rule = this.#limits.rules.find(({ filter }) => topicMatches(filter, topic))
    return rule === undefined ? this.#limits.keepMs : rule.keepMs
  }

  #usedBytes(): number {
    return (this.#pragma('page_count') - this.#pragma('freelist_count')) * this.#pragma('page_size')
  }

  #pragma(name: string): number {
    return this.#db.pragma(name, { simple: true }) as number
  }
}
