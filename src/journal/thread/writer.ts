// The only writer of the database: plain synchronous SQLite, without threads. It commits a group of events
// and changes in one transaction. In the hub `worker.ts` feeds it; tests of any layer may use it directly.

import type { Database } from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import type { Event } from '../../model/event.ts'
import type { BridgeChange, StoredBridges } from '../../model/bridge.ts'
import type { SessionChange, StoredSessions } from '../../model/session.ts'
import type { ClockSet } from '../../model/clock-behind.ts'
import type { Change, Downtime, RetainedMessage } from '../../model/store.ts'
import type { Hides } from '../../topics/hidden.ts'
import type { Gap } from './batch.ts'
import { AlertWriter } from '../alerts/alert-writer.ts'
import { BridgeRows } from '../bridges/bridge-rows.ts'
import { ChangeWriter } from '../runs/change-writer.ts'
import { RulePauseWriter } from '../runs/rule-pause-rows.ts'
import { EventInsert } from '../events/event-rows.ts'
import {
  beat,
  beginLifetime,
  clockSetsOf,
  downtimesOf,
  endLifetime,
  noteClockSet,
} from '../database/lifetimes.ts'
import { NameNumbers } from '../database/names.ts'
import { AcknowledgedMark, lossOf } from '../database/acknowledged.ts'
import type { Loss } from '../database/acknowledged.ts'
import { OpenFiles } from '../database/open-files.ts'
import { databasePath, explained, openForWriting } from '../database/open.ts'
import { Pruner } from '../forget/prune.ts'
import type { HistoryLimits } from '../forget/history-limits.ts'
import { readRetained, RetainedWriter } from '../events/retained.ts'
import { openAlerts } from '../queries/open-alerts.ts'
import type { OpenAlert } from '../queries/open-alerts.ts'
import { SessionRows } from '../sessions/session-rows.ts'
import { Compaction } from '../events/compaction.ts'
import { storedSessions } from '../sessions/stored-sessions.ts'
import { TrailingIndex } from '../events/trailing-index.ts'
import type { Placed } from '../events/trailing-index.ts'
import { isStorageTrouble } from './trouble.ts'
import { Wal } from '../database/wal.ts'
import type { Durability } from '../database/wal.ts'

/** Rows of the index that one transaction writes: about one ms. */
const INDEX_ROWS_PER_TRANSACTION = 500
/** Rows of ended sessions that one transaction removes: one to two ms. */
const ENDED_ROWS_PER_TRANSACTION = 500

/** A smaller difference means a clock that is slewed, or that was read late. */
const SMALLEST_CLOCK_CHANGE_MS = 1_000
/** After a longer time the steady clock is read to see whether the wall clock was set: that costs some μs. */
const LEAP_MS = 2_000

export interface Group {
  /** Their ids ascend, and are above all ids of earlier groups. */
  readonly events?: readonly Event[]
  readonly gaps?: readonly Gap[]
  readonly sessions?: readonly SessionChange[]
  readonly bridges?: readonly BridgeChange[]
  readonly changes?: readonly Change[]
}

interface Written {
  readonly placed: readonly Placed[]
  /** For each change, `null` or why it was refused. */
  readonly refused: (Error | null)[]
}

export interface WriterOptions {
  readonly dataDir: string
  readonly durability: Durability
  readonly history: HistoryLimits
  readonly clock: Clock
  /** Whether a wildcard in the first level leaves out a topic; by default those that begin with `$`. */
  readonly hides?: Hides
}

/**
 * Opens the database, migrates it and begins a lifetime. The caller holds the folder's lock. Throws a
 * JournalError when the database cannot be used.
 * @param lost receives the loss when acknowledged events are missing
 */
export function openWriter(options: WriterOptions, lost: (loss: Loss) => void = () => {}): Writer {
  const { dataDir, clock } = options
  return explained(databasePath(dataDir), () => {
    const db = openForWriting(dataDir, (found) => {
      const loss = lossOf(found, dataDir, clock.now())
      if (loss !== null) lost(loss)
    })
    return writeTo(db, options)
  })
}

/** Begins a lifetime on an open database. */
export function writeTo(db: Database, options: WriterOptions): Writer {
  beginLifetime(db, options.clock.now())
  return new Writer(db, options)
}

export class Writer {
  readonly downtime: Downtime | null
  readonly #db: Database
  readonly #wal: Wal
  readonly #files: OpenFiles
  readonly #acknowledged: AcknowledgedMark
  readonly #clock: Clock
  readonly #topics: NameNumbers
  readonly #clients: NameNumbers
  readonly #rules: NameNumbers
  readonly #events: EventInsert
  readonly #retained: RetainedWriter
  readonly #sessions: SessionRows
  readonly #bridges: BridgeRows
  readonly #changes: ChangeWriter
  readonly #alerts: AlertWriter
  readonly #rulePauses: RulePauseWriter
  readonly #index: TrailingIndex
  readonly #compaction: Compaction
  readonly #pruner: Pruner
  readonly #insertGap
  readonly #commit
  readonly #savepoint
  #lastEventId: number
  #eventsSinceTidy = 0
  #sessionChangesSinceTidy = 0
  #pruneNext = true
  /** How far the wall clock is ahead of the steady clock, ms. */
  #aheadMs: number
  /** The wall clock at the last commit or heartbeat. */
  #seenAt: number

  constructor(db: Database, { dataDir, durability, history, clock, hides }: WriterOptions) {
    this.downtime = downtimesOf(db).at(-1) ?? null
    this.#db = db
    this.#wal = new Wal(db, durability)
    this.#acknowledged = new AcknowledgedMark(dataDir, durability)
    this.#files = new OpenFiles(['', '-wal', '-shm'].map((end) => db.name + end))
    this.#clock = clock
    this.#aheadMs = clock.now() - clock.steady()
    this.#seenAt = clock.now()
    this.#topics = new NameNumbers(db, 'topics')
    this.#clients = new NameNumbers(db, 'clients')
    this.#rules = new NameNumbers(db, 'rules')
    this.#events = new EventInsert(db, this.#topics, this.#clients)
    this.#retained = new RetainedWriter(db, this.#topics)
    this.#sessions = new SessionRows(db, hides)
    this.#bridges = new BridgeRows(db, hides)
    this.#changes = new ChangeWriter(db, this.#rules, clock)
    this.#alerts = new AlertWriter(db)
    this.#rulePauses = new RulePauseWriter(db)
    this.#index = new TrailingIndex(db)
    this.#compaction = new Compaction(db)
    this.#pruner = new Pruner(db, clock, history, {
      topics: this.#topics,
      clients: this.#clients,
      owed: this.#sessions.owed,
      bridges: this.#bridges,
      seenAt: this.downtime?.fromAt ?? null,
    })
    this.#insertGap = db.prepare(
      'INSERT INTO gaps (after_event, from_at, to_at, events) VALUES (@afterEvent, @fromAt, @toAt, @events)',
    )
    this.#commit = db.transaction((group: Group) => this.#write(group))
    this.#savepoint = db.transaction((change: Change) => {
      this.#changes.write(change)
      this.#alerts.write(change)
      this.#rulePauses.write(change)
    })
    this.#lastEventId = db.prepare<[], number | null>('SELECT max(id) FROM events').pluck().get() ?? 0
  }

  get lastEventId(): number {
    return this.#lastEventId
  }

  /** A path of the database that no longer leads to the open file; `null` when all paths do. */
  get displaced(): string | null {
    return this.#files.displaced
  }

  retained(): RetainedMessage[] {
    return readRetained(this.#db)
  }

  openAlerts(root: string): OpenAlert[] {
    return openAlerts(this.#db, root)
  }

  clockSets(): ClockSet[] {
    return clockSetsOf(this.#db)
  }

  bridges(): StoredBridges {
    return this.#bridges.stored()
  }

  sessions(): StoredSessions {
    return storedSessions(this.#db, this.#sessions.owed)
  }

  /**
   * Commits the whole group, or throws and writes nothing. A change that is wrong in itself is refused alone:
   * the answer has `null` or the reason for each change. The caller answers nobody before `sync` has
   * returned.
   */
  commit(group: Group): (Error | null)[] {
    this.#noteLeap()
    try {
      const { placed, refused } = this.#commit.immediate(group)
      for (const event of placed) this.#index.take(event)
      this.#eventsSinceTidy += placed.length
      this.#sessionChangesSinceTidy += group.sessions?.length ?? 0
      this.#lastEventId = group.events?.at(-1)?.id ?? this.#lastEventId
      return refused
    } catch (error) {
      for (const names of [this.#topics, this.#clients, this.#rules]) names.clear()
      this.#sessions.reread()
      this.#bridges.reread()
      throw error
    }
  }

  /**
   * Makes everything that is committed as safe as the durability asks for. If it throws, the caller calls it
   * again.
   */
  sync(): void {
    this.#wal.sync()
    this.#acknowledged.set(this.#lastEventId)
  }

  /**
   * Does upkeep between two commits, bounded in rows, so that the next group waits for a few ms at most. It
   * writes to the index, removes rows of ended sessions, and advances pruning or compaction by one
   * transaction. The first two also get as many rows as events and changes were committed since the last
   * call, so that neither ever falls behind. Returns true while there is more to do.
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
      this.#upkeep(() => this.#pruner.advance())
    } else if (this.#isCompactionDue) {
      this.#pruneNext = true
      this.#upkeep(() => this.#compaction.advance())
    }
    const { ended } = this.#sessions
    return ended.isDue || this.#pruner.underway || this.#isCompactionDue || this.#index.isDue(false)
  }

  /** Writes a heartbeat and the next rows of the index, and begins a round of pruning. */
  beat(): void {
    this.#lookAtClock()
    this.#seenAt = this.#clock.now()
    this.#upkeep(() => beat(this.#db, this.#clock.now()))
    this.#index.close()
    this.#indexBy(INDEX_ROWS_PER_TRANSACTION)
    this.#pruner.begin()
  }

  /** Ends the lifetime in order and closes the files. May be called twice. */
  close(): void {
    if (!this.#db.open) return
    try {
      this.#lookAtClock()
      endLifetime(this.#db, this.#clock.now())
      this.#wal.sync()
    } finally {
      this.#wal.close()
      this.#acknowledged.close()
      this.#db.close()
    }
  }

  /**
   * Notes that the clock was set before the first event by the new time is written. If the hub is killed
   * before the next heartbeat, the event would tell the next hub of a clock that is as far behind as before.
   */
  #noteLeap(): void {
    const now = this.#clock.now()
    if (now < this.#seenAt || now - this.#seenAt > LEAP_MS) this.#lookAtClock()
    this.#seenAt = now
  }

  /** Moves the stored moments of sessions by as much as the wall clock was set since the last call. */
  #lookAtClock(): void {
    const aheadMs = this.#clock.now() - this.#clock.steady()
    const byMs = Math.round(aheadMs - this.#aheadMs)
    if (Math.abs(byMs) < SMALLEST_CLOCK_CHANGE_MS) return
    this.#upkeep(() => noteClockSet(this.#db, byMs))
    this.#aheadMs = aheadMs
  }

  get #isCompactionDue(): boolean {
    return this.#compaction.isDue(this.#index.indexedTo)
  }

  #removeEnded(): void {
    const { ended } = this.#sessions
    const rows = ENDED_ROWS_PER_TRANSACTION + this.#sessionChangesSinceTidy
    this.#sessionChangesSinceTidy = 0
    if (ended.isDue) this.#upkeep(() => ended.advance(rows))
  }

  #indexBy(rows: number): void {
    const next = this.#index.next(rows)
    if (next === undefined) return
    this.#upkeep(() => this.#index.write(next))
    this.#index.wrote(next)
  }

  #write({ events = [], gaps = [], sessions = [], bridges = [], changes = [] }: Group): Written {
    const placed = this.#events.insert(events)
    this.#retained.write(events)
    for (const gap of gaps) this.#insertGap.run(gap)
    this.#sessions.write(sessions)
    this.#bridges.write(bridges)
    return { placed, refused: changes.map((change) => this.#tryChange(change)) }
  }

  #tryChange(change: Change): Error | null {
    try {
      this.#savepoint(change)
      return null
    } catch (error) {
      if (!(error instanceof Error) || isStorageTrouble(error)) throw error
      this.#rules.clear()
      return error
    }
  }

  /**
   * Writes what nobody waits for: a later sync brings it to the disk, and a crash before that loses nothing.
   */
  #upkeep(write: () => void): void {
    try {
      this.#db.transaction(write).immediate()
    } catch (error) {
      this.#compaction.reread()
      this.#sessions.ended.reread()
      throw error
    }
  }
}
