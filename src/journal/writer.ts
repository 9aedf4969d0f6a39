// The one writer: plain synchronous SQLite, without threads. A group of events and changes is committed in one transaction;
// `worker.ts` feeds it in the hub, tests of any layer may use it as it is.

import type { Database } from 'better-sqlite3'
import type { Clock } from '../base/clock.ts'
import type { Event } from '../model/event.ts'
import type { Change, Downtime, RetainedMessage } from '../model/store.ts'
import type { Gap } from './batch.ts'
import { ChangeWriter } from './change-writer.ts'
import { EventInsert } from './event-rows.ts'
import { beat, beginLifetime, downtimeOf, endLifetime } from './lifetimes.ts'
import { NameNumbers } from './names.ts'
import { openForWriting, setSynchronous } from './open.ts'
import type { Durability } from './open.ts'
import { readRetained, RetainedWriter } from './retained.ts'
import { TrailingIndex } from './trailing-index.ts'
import { isStorageTrouble } from './trouble.ts'

export interface Group {
  /** Ids ascending, above all earlier ones. */
  readonly events?: readonly Event[]
  readonly gaps?: readonly Gap[]
  readonly changes?: readonly Change[]
}

/** Opens, migrates and begins a lifetime. The caller holds the folder's lock. */
export function openWriter(dataDir: string, durability: Durability, clock: Clock): Writer {
  const db = openForWriting(dataDir, durability)
  beginLifetime(db, clock.now())
  setSynchronous(db, durability)
  return new Writer(db, durability, clock)
}

export class Writer {
  readonly downtime: Downtime | null
  readonly #db: Database
  readonly #durability: Durability
  readonly #clock: Clock
  readonly #topics: NameNumbers
  readonly #clients: NameNumbers
  readonly #rules: NameNumbers
  readonly #events: EventInsert
  readonly #retained: RetainedWriter
  readonly #changes: ChangeWriter
  readonly #index: TrailingIndex
  readonly #insertGap
  readonly #commit
  readonly #savepoint
  #lastEventId: number

  constructor(db: Database, durability: Durability, clock: Clock) {
    this.#db = db
    this.#durability = durability
    this.#clock = clock
    this.#topics = new NameNumbers(db, 'topics')
    this.#clients = new NameNumbers(db, 'clients')
    this.#rules = new NameNumbers(db, 'rules')
    this.#events = new EventInsert(db, this.#topics, this.#clients)
    this.#retained = new RetainedWriter(db, this.#topics)
    this.#changes = new ChangeWriter(db, this.#rules, clock)
    this.#index = new TrailingIndex(db)
    this.#insertGap = db.prepare(
      'INSERT INTO gaps (after_event, from_at, to_at, events) VALUES (@afterEvent, @fromAt, @toAt, @events)',
    )
    this.#commit = db.transaction((group: Group) => this.#write(group))
    this.#savepoint = db.transaction((change: Change) => this.#changes.write(change))
    this.#lastEventId = db.prepare<[], number | null>('SELECT max(id) FROM events').pluck().get() ?? 0
    this.downtime = downtimeOf(db)
  }

  get lastEventId(): number {
    return this.#lastEventId
  }

  /** Events that the trailing index has not reached. */
  get unindexed(): number {
    return this.#lastEventId - this.#index.indexedTo
  }

  retained(): RetainedMessage[] {
    return readRetained(this.#db)
  }

  /**
   * Commits whole, or throws and has written nothing. A change that is wrong in itself is refused alone: the answer has, for
   * each change, `null` or the reason.
   */
  commit(group: Group): (Error | null)[] {
    try {
      const refused = this.#commit.immediate(group)
      this.#lastEventId = group.events?.at(-1)?.id ?? this.#lastEventId
      return refused
    } catch (error) {
      for (const names of [this.#topics, this.#clients, this.#rules]) names.forget()
      throw error
    }
  }

  /** Lets the index catch up by at most this many events. */
  index(events: number): void {
    const to = Math.min(this.#index.indexedTo + events, this.#lastEventId)
    if (to > this.#index.indexedTo) this.#unsynced(() => this.#index.fillTo(to))
  }

  beat(): void {
    this.#unsynced(() => beat(this.#db, this.#clock.now()))
  }

  /** After an orderly stop. May be called twice. */
  close(): void {
    if (!this.#db.open) return
    try {
      endLifetime(this.#db, this.#clock.now())
    } finally {
      this.#db.close()
    }
  }

  #write({ events = [], gaps = [], changes = [] }: Group): (Error | null)[] {
    this.#events.insert(events)
    this.#retained.keep(events)
    for (const gap of gaps) this.#insertGap.run(gap)
    return changes.map((change) => this.#tryChange(change))
  }

  #tryChange(change: Change): Error | null {
    try {
      this.#savepoint(change)
      return null
    } catch (error) {
      if (!(error instanceof Error) || isStorageTrouble(error)) throw error
      this.#rules.forget()
      return error
    }
  }

  /** Upkeep is committed without an fsync of its own: the next commit brings it to the disk, and losing it loses nothing. */
  #unsynced(write: () => void): void {
    if (this.#durability === 'full') setSynchronous(this.#db, 'normal')
    try {
      this.#db.transaction(write).immediate()
    } catch (error) {
      this.#index.reread()
      throw error
    } finally {
      if (this.#durability === 'full') setSynchronous(this.#db, 'full')
    }
  }
}
