// What a connection and the handlers of its packets see of the broker. Composed in `assemble.ts`, once;
// nothing here decides anything. The parts below this room do not know it: each is given what it needs.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { EventLog } from '../../model/store.ts'
import type { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Limits } from '../bounds/limits.ts'
import type { Turns } from '../bounds/turns.ts'
import type { Presence } from '../clients/presence.ts'
import type { Sessions } from '../clients/sessions.ts'
import type { Wills } from '../clients/wills.ts'
import type { Arrivals } from '../delivery/arrivals.ts'
import type { Backlog } from '../delivery/backlog.ts'
import type { Publisher } from '../delivery/publisher.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Routes } from '../routing/routing.ts'
import type { Departure } from '../session/recipient.ts'
import type { Session } from '../session/session.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import type { ConnectRate } from '../socket/connect-rate.ts'
import type { Deadlines } from '../socket/deadlines.ts'
import type { Output } from '../socket/output.ts'

export interface Hub {
  /** Names this hub to others with which it has a bridge; absent: to nobody. */
  readonly hubId: string | undefined
  readonly clock: Clock
  /** By which messages expire. */
  readonly expiry: Pick<Clock, 'now'>
  readonly log: Log
  readonly limits: Limits
  readonly eventLog: EventLog
  readonly counters: Counters
  readonly output: Output
  readonly routes: Routes
  readonly publisher: Publisher
  /** What came in from other hubs. */
  readonly arrivals: Arrivals
  readonly backlog: Backlog
  readonly retained: RetainedMessages
  readonly sessions: Sessions
  readonly wills: Wills
  readonly presence: Presence
  readonly journal: SessionJournal
  readonly deadlines: Deadlines
  readonly turns: Turns
  readonly connectRate: ConnectRate
  readonly connections: Set<OpenConnection>
  /** Connections with acknowledgements that wait for a commit. */
  readonly unacknowledged: Set<OpenConnection>
  /** The readers of connections that are not read from until the journal has caught up. */
  readonly paused: Set<PausedReader>
}

/** A connection, as far as the hub has to do with all of them at once. */
export interface OpenConnection {
  /** `null` until CONNECT is answered. */
  readonly session: Session | null
  close(departure: Departure, reason?: ReasonCode): void
  releaseAcks(): void
}

/** Reads what a client sends, once it may go on. */
export interface PausedReader {
  resume(): void
}
