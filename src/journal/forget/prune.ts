// Forgets history by age and size, in steps of at most a thousand rows between commits. What a step frees is used again by
// what comes; only where much is free is the file made smaller, in small steps too. There is no blocking vacuum.
//
// Never goes: an event past the engine's cursor, one that an open run refers to or a rule holds, one that is owed to a session,
// the newest event and the newest run. Each of them stays alone: what came after it may go.

import type { Database } from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import { Aging } from './aging.ts'
import { BelievedClock } from './believed-clock.ts'
import { RECORDED } from '../events/event-flags.ts'
import { heldEvents } from './held.ts'
import type { HistoryLimits, Reach } from './history-limits.ts'
import type { NameNumbers } from '../database/names.ts'
import type { Owed } from '../sessions/owed.ts'
import { HAS_RUN, NOT_NEWEST_RUN, OPEN, Removal } from './removal.ts'

const ROWS_PER_TRANSACTION = 1_000
const PAGES_PER_TRANSACTION = 500
const AGE_ROUND_MS = 60_000
/** This much of the file may lie free for what comes. */
const FREE_PAGES = 4_096

export class Pruner {
  readonly #db: Database
  readonly #clock: Clock
  readonly #limits: HistoryLimits
  readonly #owed: Owed
  readonly #removal: Removal
  readonly #aging: Aging
  readonly #believedClock: BelievedClock
  readonly #sql
  #round: Generator<void, void> | undefined
  /** By the steady clock. */
  #agedAt = -Infinity

  constructor(
    db: Database,
    clock: Clock,
    limits: HistoryLimits,
    beside: {
      readonly topics: NameNumbers
      readonly clients: NameNumbers
      readonly owed: Owed
      /** When the hub before this one was last alive; `null` when there was none. */
      readonly seenAt: number | null
    },
  ) {
    this.#db = db
    this.#clock = clock
    this.#limits = limits
    this.#owed = beside.owed
    this.#removal = new Removal(db)
    this.#aging = new Aging(db, limits, this.#removal, beside)
    this.#believedClock = new BelievedClock(clock, beside.seenAt ?? clock.now())
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
  advance(): void {
    const round = this.#round
    this.#round = undefined
    if (round !== undefined && round.next().done !== true) this.#round = round
  }

  *#prune(): Generator<void, void> {
    const now = this.#believedClock.now()
    const isTimeToAge = now !== undefined && this.#clock.steady() - this.#agedAt >= AGE_ROUND_MS
    const upTo = this.#sql.prunableTo.get() ?? 0
    if (isTimeToAge || this.#isOversize() || this.#unrecordedIn(0, upTo, 1).length > 0) {
      // An event that a rule lets go in the meantime may have an open run: each page of events is asked for after this.
      const held = yield* heldEvents(this.#db)
      const reach = {
        upTo,
        isFree: (id: number, topic: string) => !held.has(id) && !this.#owed.isOwed(id, topic),
      }
      yield* this.#unrecorded(reach)
      yield* this.#oversize(reach)
      if (isTimeToAge) {
        this.#agedAt = this.#clock.steady()
        yield* this.#aging.round(now, reach)
      }
    }
    yield* this.#shrink()
  }

  /** What history excludes goes as soon as the engine has passed it; a dead run keeps its event, for it may be retried. */
  *#unrecorded({ upTo, isFree }: Reach): Generator<void, void> {
    for (let after = 0; ;) {
      const page = this.#unrecordedIn(after, upTo, ROWS_PER_TRANSACTION)
      if (page.length === 0) return
      this.#removal.eventsOnly(idsOf(page.filter(({ id, topic }) => isFree(id, topic))))
      after = page.at(-1)!.id
      yield
    }
  }

  /** The oldest go first, events and the ended runs of their time. */
  *#oversize({ upTo, isFree }: Reach): Generator<void, void> {
    for (let after = 0; this.#isOversize();) {
      const page = this.#sql.oldest.all({ after, upTo, limit: ROWS_PER_TRANSACTION })
      const last = page.at(-1)?.id
      const runs = this.#sql.oldestEndedRuns.all({ upTo: last ?? upTo, limit: ROWS_PER_TRANSACTION })
      if (last === undefined && runs.length === 0) return
      this.#removal.runs(runs)
      this.#removal.events(idsOf(page.filter(({ id, topic }) => isFree(id, topic))))
      after = last ?? after
      yield
    }
  }

  *#shrink(): Generator<void, void> {
    while (this.#pragma('freelist_count') > Math.max(FREE_PAGES, this.#pragma('page_count') / 4)) {
      this.#db.pragma(`incremental_vacuum(${PAGES_PER_TRANSACTION})`)
      yield
    }
  }

  #unrecordedIn(after: number, upTo: number, limit: number): EventName[] {
    return this.#sql.unrecorded.all({ after, upTo, limit })
  }

  #isOversize(): boolean {
    const usedPages = this.#pragma('page_count') - this.#pragma('freelist_count')
    return usedPages * this.#pragma('page_size') > (this.#limits.maxBytes ?? Infinity)
  }

  #pragma(name: string): number {
    return this.#db.pragma(name, { simple: true }) as number
  }
}

interface EventName {
  readonly id: number
  readonly topic: string
}

const idsOf = (events: readonly EventName[]): number[] => events.map(({ id }) => id)

const TOPIC_NAME = '(SELECT name FROM topics WHERE topics.id = events.topic) AS topic'

const prepare = (db: Database) => ({
  prunableTo: db
    .prepare<[], number | null>(
      'SELECT min(cursor, indexed_to, (SELECT max(id) FROM events) - 1) FROM journal',
    )
    .pluck(),
  unrecorded: db.prepare<[{ after: number; upTo: number; limit: number }], EventName>(
    `SELECT id, ${TOPIC_NAME} FROM events
     WHERE flags & ${RECORDED} = 0 AND id > @after AND id <= @upTo AND NOT ${HAS_RUN(`${OPEN}, 'dead'`)}
     ORDER BY id LIMIT @limit`,
  ),
  oldest: db.prepare<[{ after: number; upTo: number; limit: number }], EventName>(
    `SELECT id, ${TOPIC_NAME} FROM events
     WHERE id > @after AND id <= @upTo AND NOT ${HAS_RUN(OPEN)} ORDER BY id LIMIT @limit`,
  ),
  oldestEndedRuns: db
    .prepare<[{ upTo: number; limit: number }], number>(
      `SELECT id FROM runs WHERE event <= @upTo AND state NOT IN (${OPEN}) AND ${NOT_NEWEST_RUN}
       ORDER BY event LIMIT @limit`,
    )
    .pluck(),
})
