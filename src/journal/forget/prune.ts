// Forgets history by age and size, in transactions of at most a thousand rows between commits. New rows use
// the pages that this frees; only when many pages are free the file shrinks, a few pages at a time. There is
// no blocking vacuum.
//
// Never removed: an event after the cursor, one that an open run refers to, one that a rule holds, one that
// is owed to a session, the newest event and the newest run. Each is spared alone: events after it may go.

import type { Database } from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import { Aging } from './aging.ts'
import { BelievedClock } from './believed-clock.ts'
import { RECORDED } from '../events/event-flags.ts'
import { heldEvents } from './held.ts'
import type { HistoryLimits, Reach } from './history-limits.ts'
import type { NameNumbers } from '../database/names.ts'
import type { BridgeRows } from '../bridges/bridge-rows.ts'
import type { Owed } from '../sessions/owed.ts'
import { HAS_RUN, NOT_NEWEST_RUN, OPEN, Removal } from './removal.ts'

const ROWS_PER_TRANSACTION = 1_000
const PAGES_PER_TRANSACTION = 500
const AGE_ROUND_MS = 60_000
/** The number of free pages that the file may always have. */
const FREE_PAGES = 4_096

export class Pruner {
  readonly #db: Database
  readonly #clock: Clock
  readonly #limits: HistoryLimits
  readonly #owed: Owed
  readonly #bridges: BridgeRows
  readonly #removal: Removal
  readonly #aging: Aging
  readonly #believedClock: BelievedClock
  readonly #sql
  #round: Generator<void, void> | undefined
  /** When the last round by age began, by the steady clock. */
  #agedAt = -Infinity

  constructor(
    db: Database,
    clock: Clock,
    limits: HistoryLimits,
    beside: {
      readonly topics: NameNumbers
      readonly clients: NameNumbers
      readonly owed: Owed
      readonly bridges: BridgeRows
      /** When the previous hub was last alive; `null` when there was none. */
      readonly seenAt: number | null
    },
  ) {
    this.#db = db
    this.#clock = clock
    this.#limits = limits
    this.#owed = beside.owed
    this.#bridges = beside.bridges
    this.#removal = new Removal(db, beside.bridges)
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

  /** Advances the round. The caller holds a transaction. An error ends the round. */
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
      // A rule may fire with a held event meanwhile. Each page is queried later, so it sees the open run
      // then.
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

  /**
   * Removes events that history excludes, once the cursor and all bridges have passed them. A dead run
   * protects its event: it may be retried.
   */
  *#unrecorded({ upTo, isFree }: Reach): Generator<void, void> {
    for (let after = 0; ;) {
      const page = this.#unrecordedIn(after, upTo, ROWS_PER_TRANSACTION)
      if (page.length === 0) return
      const gone = page.filter(({ id, topic }) => isFree(id, topic) && !this.#bridges.isOwed(id, topic))
      this.#removal.eventsOnly(idsOf(gone))
      after = page.at(-1)!.id
      yield
    }
  }

  /** Removes the oldest events and the ended runs of the same time until the size is within the limit. */
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
