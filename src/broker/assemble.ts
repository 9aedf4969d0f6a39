// Makes the parts of the broker and gives each what it needs. The order is that of their dependencies, room
// by room.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { formatDuration } from '../base/quantities.ts'
import { pauseMessage } from '../model/pause.ts'
import type { ClockSet } from '../model/clock-behind.ts'
import type { Event } from '../model/event.ts'
import type { SessionLog } from '../model/session.ts'
import type { EventLog } from '../model/store.ts'
import { hidesRoot } from '../topics/hidden.ts'
import { Counters } from './bounds/counters.ts'
import { DEFAULT_LIMITS, type Limits } from './bounds/limits.ts'
import { Turns } from './bounds/turns.ts'
import { Presence } from './clients/presence.ts'
import { Sessions } from './clients/sessions.ts'
import { SystemTopics } from './clients/system-topics.ts'
import { Wills } from './clients/wills.ts'
import type { Hub, OpenConnection } from './connection/hub.ts'
import { Arrivals } from './delivery/arrivals.ts'
import { Backlog } from './delivery/backlog.ts'
import { Copies } from './delivery/copies.ts'
import { Delivery } from './delivery/delivery.ts'
import { Publisher } from './delivery/publisher.ts'
import { ExpiryClock } from './message/expiry-clock.ts'
import { messageOf } from './message/message.ts'
import { Encoder } from './message/encoder.ts'
import { RetainedMessages } from './routing/retained.ts'
import { Routes } from './routing/routing.ts'
import { SessionJournal } from './session/session-journal.ts'
import { ConnectRate } from './socket/connect-rate.ts'
import { Deadlines } from './socket/deadlines.ts'
import { Output } from './socket/output.ts'
import { PauseWatch } from './socket/pause-watch.ts'

export interface PartsOptions {
  readonly eventLog: EventLog
  readonly sessionLog: SessionLog
  /** How the clock was set before this start, oldest first; never by default. */
  readonly clockSets?: readonly ClockSet[] | undefined
  readonly clock: Clock
  readonly log: Log
  /** First topic level of the hub's own messages. */
  readonly root: string
  /** First level of the topics that clients do not reach by a wildcard in that place; `null`: none. */
  readonly hiddenRoot: string | null
  /** Limits that are not given have their defaults. */
  readonly limits?: Partial<Limits> | undefined
  /** Whether history takes what is published on a topic. */
  readonly isRecorded: (topic: string) => boolean
  /** What `$SYS/broker/version` says. */
  readonly version: string
  /** Names this hub to others with which it has a bridge; absent: to nobody. */
  readonly hubId?: string | undefined
}

export interface Parts extends Hub {
  readonly expiry: ExpiryClock
  readonly pauses: PauseWatch
  readonly systemTopics: SystemTopics
}

export function assemble({
  eventLog,
  sessionLog,
  clock,
  log,
  root,
  hiddenRoot,
  isRecorded,
  ...options
}: PartsOptions): Parts {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const hides = hidesRoot(hiddenRoot)
  const expiry = new ExpiryClock(clock, () => eventLog.lastId, options.clockSets)
  const counters = new Counters()
  const turns = new Turns()
  const output = new Output()
  const deadlines = new Deadlines(clock)
  const connectRate = new ConnectRate(clock, limits.connectsPerSecond)
  const encoder = new Encoder(output)
  const journal = new SessionJournal({ sessionLog, eventLog, clock })
  const retained = new RetainedMessages({ limits, counters, root, hides })
  const routes = new Routes({ limits, root, hides, isRecorded, journal, turns })
  const copies = new Copies({ clock: expiry, counters, encoder, journal })
  const delivery = new Delivery({ limits, counters, output, encoder, copies })
  const pauses = new PauseWatch(clock, (pause) => {
    const length = formatDuration(pause.toAt - pause.fromAt)
    log.warn(pause, `The hub was held up for ${length}: timers of rules that span it do as \`onGap\` says.`)
    const message = messageOf(pauseMessage(root, pause), expiry.now())
    publisher.publishMessage(message, { origin: 'hub', client: null, cause: null })
  })
  const publisher: Publisher = new Publisher({
    clock,
    expiry,
    pauses,
    eventLog,
    retained,
    routes,
    turns,
    delivery,
  })
  const load = async (ids: readonly number[]): Promise<Event[]> => {
    const events = await sessionLog.eventsOf(ids)
    return events.map((event) => expiry.reckoned(event))
  }
  const backlog = new Backlog({
    clock: expiry,
    limits,
    counters,
    copies,
    journal,
    retained,
    routes,
    turns,
    load,
  })
  const presence = new Presence({ clock, expiry, root, publisher, retained, routes })
  const wills = new Wills({ clock, expiry, counters, journal, publisher, routes })
  const sessions = new Sessions({ clock, counters, journal, routes, backlog, wills, presence })
  const connections = new Set<OpenConnection>()
  const connected = (): number => {
    let count = 0
    for (const { session } of connections) if (session !== null) count++
    return count
  }
  const { version } = options
  const seen = { clock, counters, delivery, output, publisher, retained, routes, sessions }
  const systemTopics = new SystemTopics({ ...seen, connected, version })
  return {
    hubId: options.hubId,
    clock,
    expiry,
    log,
    limits,
    eventLog,
    counters,
    output,
    routes,
    publisher,
    arrivals: new Arrivals(options.hubId),
    backlog,
    retained,
    sessions,
    wills,
    presence,
    journal,
    deadlines,
    pauses,
    turns,
    connectRate,
    systemTopics,
    connections,
    unacknowledged: new Set(),
    paused: new Set(),
  }
}
