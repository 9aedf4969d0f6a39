// What the parts of the broker see of each other. Composed in `broker.ts`, once; nothing here decides anything.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { EventLog } from '../../model/store.ts'
import type { Backlog } from '../delivery/backlog.ts'
import type { ConnectRate } from '../socket/connect-rate.ts'
import type { Connection } from './connection.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Deadlines } from '../socket/deadlines.ts'
import type { Delivery } from '../delivery/delivery.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import type { Limits } from '../bounds/limits.ts'
import type { Output } from '../socket/output.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Routes } from '../routing/routing.ts'
import type { Sessions } from '../clients/sessions.ts'
import type { Turns } from '../bounds/turns.ts'

export interface Hub {
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  /** First topic level of the hub's own messages. */
  readonly root: string
  readonly eventLog: EventLog
  readonly counters: Counters
  readonly output: Output
  readonly routes: Routes
  readonly delivery: Delivery
  readonly backlog: Backlog
  readonly retained: RetainedMessages
  readonly sessions: Sessions
  readonly journal: SessionJournal
  readonly deadlines: Deadlines
  readonly turns: Turns
  readonly connections: Set<Connection>
  readonly connectRate: ConnectRate
  /** Connections with acknowledgements that wait for a commit. */
  readonly unacknowledged: Set<Connection>
  /** Connections that are not read from until the journal has caught up. */
  readonly paused: Set<Connection>
}
