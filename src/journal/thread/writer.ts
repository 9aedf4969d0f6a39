// The only writer of the database: plain synchronous SQLite, without threads. It commits a group of events
// and changes in one transaction. In the hub `worker.ts` feeds it; tests of any layer may use it directly.
// What can wait until there is time between two commits stands in `upkeep.ts`.

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
import { storedSessions } from '../sessions/stored-sessions.ts'
import type { Placed } from '../events/trailing-index.ts'
import { SetClock } from './set-clock.ts'
import { isStorageTrouble } from './trouble.ts'
import { Upkeep } from './upkeep.ts'
import { Wal } from '../database/wal.ts'
import type { Durability } from '../database/wal.ts'

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
  readonly #upkeep: Upkeep
  readonly #setClock: SetClock
  readonly #insertGap
  readonly #commit
  readonly #savepoint
  #lastEventId: number

  constructor(db: Database, { dataDir, durability, history, clock, hides }: WriterOptions) {
    this.downtime = downtimesOf(db).at(-1) ?? null
    this.#db = db
    this.#wal = new Wal(db, durability)
    this.#acknowledged = new AcknowledgedMark(dataDir, durability)
    this.#files = new OpenFiles(['', '-wal', '-shm'].map((end) => db.name + end))
    this.#clock = clock
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
    const pruner = new Pruner(db, clock, history, {
      topics: this.#topics,
      clients: this.#clients,
      owed: this.#sessions.owed,
      bridges: this.#bridges,
      seenAt: this.downtime?.fromAt ?? null,
    })
    this.#upkeep = new Upkeep(db, { ended: this.#sessions.ended, pruner })
    this.#setClock = new SetClock(clock, (byMs) => this.#upkeep.write(() => noteClockSet(db, byMs)))
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
    this.#setClock.glance()
    try {
      const { placed, refused } = this.#commit.immediate(group)
      this.#upkeep.committed(placed, group.sessions?.length ?? 0)
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

  /** See `Upkeep.tidy`. */
  tidy(busy: boolean): boolean {
    return this.#upkeep.tidy(busy)
  }

  /** Writes a heartbeat and the next rows of the index, and begins a round of pruning. */
  beat(): void {
    this.#setClock.look()
    this.#upkeep.write(() => beat(this.#db, this.#clock.now()))
    this.#upkeep.begin()
  }

  /** Ends the lifetime in order and closes the files. May be called twice. */
  close(): void {
    if (!this.#db.open) return
    try {
      this.#setClock.look()
      endLifetime(this.#db, this.#clock.now())
      this.#wal.sync()
    } finally {
      this.#wal.close()
      this.#acknowledged.close()
      this.#db.close()
    }
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
}
