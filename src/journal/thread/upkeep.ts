// What the writer does between two commits, and nobody waits for: the trailing index, the rows of sessions that
// have ended, pruning and compaction. Each piece is one transaction, bounded in rows, so that the next group
// waits for a few ms at most.

import type { Database } from 'better-sqlite3'
import { Compaction } from '../events/compaction.ts'
import { type Placed, TrailingIndex } from '../events/trailing-index.ts'
import type { Pruner } from '../forget/prune.ts'
import type { EndedSessions } from '../sessions/ended-sessions.ts'

/** Rows of the index that one transaction writes: about one ms. */
const INDEX_ROWS_PER_TRANSACTION = 500
/** Rows of ended sessions that one transaction removes: one to two ms. */
const ENDED_ROWS_PER_TRANSACTION = 500

export interface UpkeepParts {
  readonly ended: EndedSessions
  readonly pruner: Pruner
}

export class Upkeep {
  readonly #db: Database
  readonly #index: TrailingIndex
  readonly #compaction: Compaction
  readonly #ended: EndedSessions
  readonly #pruner: Pruner
  #eventsSinceTidy = 0
  #sessionChangesSinceTidy = 0
  #pruneNext = true

  constructor(db: Database, { ended, pruner }: UpkeepParts) {
    this.#db = db
    this.#index = new TrailingIndex(db)
    this.#compaction = new Compaction(db)
    this.#ended = ended
    this.#pruner = pruner
  }

  /** Called when a group is committed. */
  committed(placed: readonly Placed[], sessionChanges: number): void {
    for (const event of placed) this.#index.take(event)
    this.#eventsSinceTidy += placed.length
    this.#sessionChangesSinceTidy += sessionChanges
  }

  /**
   * Writes to the index, removes rows of ended sessions, and advances pruning or compaction by one transaction.
   * The first two also get as many rows as events and changes were committed since the last call, so that
   * neither ever falls behind. Returns true while there is more to do.
   * @param busy more events are waiting: the index waits until a large piece is due
   */
  tidy(busy: boolean): boolean {
    // Each event adds up to two rows: one for its topic, one for its client.
    const rows = INDEX_ROWS_PER_TRANSACTION + 2 * this.#eventsSinceTidy
    this.#eventsSinceTidy = 0
    if (this.#index.isDue(busy)) this.#indexBy(rows)
    this.#removeEnded()
    if (this.#pruner.underway && (this.#pruneNext || !this.#isCompactionDue)) {
      this.#pruneNext = false
      this.write(() => this.#pruner.advance())
    } else if (this.#isCompactionDue) {
      this.#pruneNext = true
      this.write(() => this.#compaction.advance())
    }
    return this.#ended.isDue || this.#pruner.underway || this.#isCompactionDue || this.#index.isDue(false)
  }

  /** Writes the next rows of the index even if few are there, and begins a round of pruning. */
  begin(): void {
    this.#index.close()
    this.#indexBy(INDEX_ROWS_PER_TRANSACTION)
    this.#pruner.begin()
  }

  /**
   * Writes what nobody waits for: a later sync brings it to the disk, and a crash before that loses nothing.
   */
  write(act: () => void): void {
    try {
      this.#db.transaction(act).immediate()
    } catch (error) {
      this.#compaction.reread()
      this.#ended.reread()
      throw error
    }
  }

  get #isCompactionDue(): boolean {
    return this.#compaction.isDue(this.#index.indexedTo)
  }

  #removeEnded(): void {
    const rows = ENDED_ROWS_PER_TRANSACTION + this.#sessionChangesSinceTidy
    this.#sessionChangesSinceTidy = 0
    if (this.#ended.isDue) this.write(() => this.#ended.advance(rows))
  }

  #indexBy(rows: number): void {
    const next = this.#index.next(rows)
    if (next === undefined) return
    this.write(() => this.#index.write(next))
    this.#index.wrote(next)
  }
}
