// Composes the broker: the parts are made here, told of each other, and stopped in reverse.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Door } from '../model/access.ts'
import type { Event, Publication } from '../model/event.ts'
import type { SessionLog, StoredSessions } from '../model/session.ts'
import type { EventLog, RetainedHead, RetainedMessage } from '../model/store.ts'
import { encodePropertyBytes } from '../mqtt/properties.ts'
import { ReasonCode } from '../mqtt/reason-codes.ts'
import { Backlog } from './delivery/backlog.ts'
import { ConnectRate } from './socket/connect-rate.ts'
import type { Connection } from './connection/connection.ts'
import { Copies } from './delivery/copies.ts'
import { Counters, type DropReason } from './bounds/counters.ts'
import { Deadlines } from './socket/deadlines.ts'
import { Delivery } from './delivery/delivery.ts'
import { Encoder } from './message/encoder.ts'
import type { Hub } from './connection/hub.ts'
import { DEFAULT_LIMITS, type Limits } from './bounds/limits.ts'
import { listen } from './listeners/listen.ts'
import type {
  Address,
  ListenContext,
  Listener,
  ListenSettings,
  WebSocketAddress,
} from './listeners/listener.ts'
import { type WebSockets, webSockets } from './listeners/web-socket.ts'
import { messageFrom } from './message/message.ts'
import { SessionJournal } from './session/session-journal.ts'
import { Output } from './socket/output.ts'
import { renewRights } from './session/rights.ts'
import { announceLost } from './clients/presence.ts'
import { publishMessage, recallRetained } from './delivery/publisher.ts'
import { restoreSessions } from './clients/restore.ts'
import { RetainedMessages } from './routing/retained.ts'
import { Routes } from './routing/routing.ts'
import { Sessions } from './clients/sessions.ts'
import { SystemTopics } from './clients/system-topics.ts'
import { Turns } from './bounds/turns.ts'

export interface BrokerOptions {
  readonly eventLog: EventLog
  /** What was retained when the hub last stopped. */
  readonly retained: Iterable<RetainedMessage>
  readonly sessionLog: SessionLog
  /** What there was of sessions and wills when the hub last stopped. */
  readonly sessions: StoredSessions
  /** When the hub before this one was last seen alive; `null` if there was none. */
  readonly diedAt: number | null
  readonly clock: Clock
  readonly log: Log
  /** First topic level of the hub's own messages. */
  readonly root: string
  /** Those that are not given have their defaults. */
  readonly limits?: Partial<Limits>
  /** Whether history takes what is published on a topic. */
  readonly isRecorded: (topic: string) => boolean
  /** What `$SYS/broker/version` says. */
  readonly version: string
}

export interface BrokerStats {
  readonly connections: number
  readonly sessions: number
  readonly subscriptions: number
  readonly retained: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly publishesReceived: number
  readonly publishesSent: number
  readonly refusedConnects: number
  readonly protocolErrors: number
  readonly failedLogins: number
  readonly deniedSubscriptions: number
  /** Messages that somebody did not get, by the reason why. */
  readonly dropped: Readonly<Record<DropReason, number>>
}

/** Where clients find a listener. */
export type Listening = Pick<Listener, 'url' | 'host' | 'port'>

export interface Broker {
  /**
   * Begins to accept clients, over TCP unless the settings say otherwise; may be called for several listeners. Without a door
   * everybody may come in and do everything.
   */
  listen(settings: Address | ListenSettings, door?: Door): Promise<Listening>
  /** Accepts clients over WebSocket through somebody else's HTTP server: what that is to do with requests for an upgrade. */
  webSockets(address: WebSocketAddress, door?: Door): WebSockets
  /** Publishes in the hub's name. Resolves with the event's id once it is committed. */
  publish(publication: Publication): Promise<number>
  /**
   * Appends what is retained as events of the origin `retained`, in this order, for rules that came later; nobody else gets
   * them. Of each topic only if that event has brought what it still has. Resolves when all are committed.
   */
  recall(messages: readonly RetainedHead[]): Promise<void>
  /** The filters whose events the rules want to see, in place of the earlier ones. */
  setInterest(filters: readonly string[]): void
  stats(): BrokerStats
  /** Says goodbye to all clients; resolves when the last socket is closed. */
  stop(): Promise<void>
}

export function createBroker(options: BrokerOptions): Broker {
  const hub = createHub(options)
  const { eventLog, connections, counters, retained, routes, sessions, output } = hub
  const systemTopics = new SystemTopics(hub, options.version)
  const publications = new Map<number, PromiseWithResolvers<number>>()
  const listeners: Listener[] = []
  let started = false
  let stopping: Promise<void> | undefined

  eventLog.onCommitted((committedId) => {
    for (const connection of hub.unacknowledged) connection.releaseAcks()
    if (eventLog.trouble === null) hub.journal.committed(committedId)
    // In the order of their ids.
    for (const [event, published] of publications) {
      if (event > committedId) break
      publications.delete(event)
      published.resolve(event)
    }
  })
  eventLog.onDrain(() => {
    for (const connection of hub.paused) connection.resume()
  })

  function start(): void {
    if (started) return
    started = true
    retained.restore(options.retained)
    restoreSessions(hub, options.sessions, options.diedAt ?? hub.clock.now())
    announceLost(hub)
    systemTopics.start()
  }

  function enter(door: Door | undefined): ListenContext {
    start()
    door?.onChanged(() => renewRights(hub, door))
    return { hub, door: door ?? null }
  }

  function committed(event: number): Promise<number> {
    if (event <= eventLog.committedId) return Promise.resolve(event)
    const published = publications.get(event) ?? Promise.withResolvers<number>()
    publications.set(event, published)
    return published.promise
  }

  async function stop(): Promise<void> {
    const closed = listeners.map((listener) => listener.stop())
    for (const connection of connections) connection.close('stopped', ReasonCode.ServerShuttingDown)
    await Promise.all(closed)
    systemTopics.stop()
    sessions.stop()
    hub.journal.flush()
    hub.deadlines.stop()
    output.flush()
  }

  return {
    async listen(settings, door) {
      const listener = await listen(enter(door), 'kind' in settings ? settings : { kind: 'tcp', ...settings })
      listeners.push(listener)
      return listener
    },
    webSockets: (address, door) => webSockets(enter(door), address),
    publish(publication) {
      start()
      const event = publishMessage(hub, messageOf(publication, hub.clock.now()), {
        origin: publication.origin,
        client: null,
        cause: publication.cause,
      })
      return committed(event)
    },
    async recall(messages) {
      start()
      await committed(recallRetained(hub, messages))
    },
    setInterest: (filters) => routes.setInterest(filters),
    stats: () => ({
      connections: connections.size,
      sessions: sessions.size,
      subscriptions: routes.subscriptions,
      retained: retained.size,
      bytesReceived: counters.bytesReceived,
      bytesSent: output.sentBytes,
      publishesReceived: counters.publishesReceived,
      publishesSent: counters.publishesSent,
      refusedConnects: counters.refusedConnects,
      protocolErrors: counters.protocolErrors,
      failedLogins: counters.failedLogins,
      deniedSubscriptions: counters.deniedSubscriptions,
      dropped: { ...counters.dropped },
    }),
    stop: () => (stopping ??= stop()),
  }
}

function createHub({ eventLog, sessionLog, clock, log, root, isRecorded, ...options }: BrokerOptions): Hub {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const counters = new Counters()
  const output = new Output()
  const retained = new RetainedMessages(limits, counters, root)
  const journal = new SessionJournal({ sessionLog, eventLog, clock })
  const turns = new Turns()
  const routes = new Routes({ limits, root, isRecorded, journal, turns })
  const load = (ids: readonly number[]): Promise<Event[]> => sessionLog.eventsOf(ids)
  const encoder = new Encoder(output)
  const copies = new Copies({ clock, counters, encoder, journal })
  const backlog = new Backlog({ clock, counters, copies, retained, routes, turns, load })
  return {
    clock,
    log,
    limits,
    root,
    eventLog,
    counters,
    output,
    retained,
    routes,
    delivery: new Delivery({ limits, counters, output, encoder, copies }),
    backlog,
    sessions: new Sessions(),
    journal,
    deadlines: new Deadlines(clock),
    turns,
    connections: new Set<Connection>(),
    connectRate: new ConnectRate(clock, limits.connectsPerSecond),
    unacknowledged: new Set<Connection>(),
    paused: new Set<Connection>(),
  }
}

const messageOf = ({ topic, payload, qos, retain, properties }: Publication, at: number) =>
  messageFrom({
    topic,
    payload,
    qos,
    retain,
    properties: properties === undefined ? null : encodePropertyBytes(properties),
    at,
  })
