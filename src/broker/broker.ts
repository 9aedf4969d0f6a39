// The broker as the rest of the hub sees it: what it is told, what it can be asked, how it starts and stops.
// Its parts are made in `assemble.ts`.

import type { Door, Pass } from '../model/access.ts'
import type { ClientSession } from '../model/client.ts'
import type { Publication } from '../model/event.ts'
import type { Gate } from '../model/gate.ts'
import type { Observer } from '../model/observer.ts'
import { hubMessage } from '../model/hub-message.ts'
import { PACKET_BYTES, sizeProblem } from '../model/publication-size.ts'
import type { StoredSessions } from '../model/session.ts'
import type { ClearedRetained, RetainedHead, RetainedMessage, RetainedRange } from '../model/store.ts'
import { ReasonCode } from '../mqtt/reason-codes.ts'
import { assemble, type PartsOptions } from './assemble.ts'
import type { DropReason } from './bounds/counters.ts'
import { renewRights } from './clients/renewal.ts'
import { sessionStatus } from './clients/session-status.ts'
import { restoreSessions } from './clients/restore.ts'
import { type Arrival, Connection } from './connection/connection.ts'
import { gateOf } from './connection/guests.ts'
import { type BridgedMessage, takeBridged } from './delivery/bridged.ts'
import { clearRetained } from './delivery/clear-retained.ts'
import { handlePacket } from './handle/packet.ts'
import { listen } from './listeners/listen.ts'
import type {
  Address,
  ListenContext,
  Listener,
  ListenSettings,
  WebSocketAddress,
} from './listeners/listener.ts'
import { type WebSockets, webSockets } from './listeners/web-socket.ts'
import { mayPublish } from './routing/may-publish.ts'
import type { Interested } from './routing/routing.ts'
import { mayBeAnswered } from './session/rights.ts'
import { messageOf, sizeOf } from './message/message.ts'

export interface BrokerOptions extends PartsOptions {
  /** What was retained when the hub last stopped. */
  readonly retained: Iterable<RetainedMessage>
  /** The sessions and wills as they were when the hub last stopped. */
  readonly sessions: StoredSessions
  /** When the hub before this one was last seen alive; `null` if there was none. */
  readonly diedAt: number | null
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
   * Begins to accept clients, over TCP unless the settings say otherwise; may be called for several
   * listeners. Without a door everybody may come in and do everything. `byProxy` is the door of WebSocket
   * clients that a proxy passes on; by default that of all others.
   */
  listen(settings: Address | ListenSettings, door?: Door, byProxy?: Door): Promise<Listening>
  /**
   * Accepts clients over WebSocket through another HTTP server. Returns what that does with requests for an
   * upgrade. The doors are those of `listen`.
   */
  webSockets(address: WebSocketAddress, door?: Door, byProxy?: Door): WebSockets
  /** Lets in clients for which a gateway speaks MQTT. Without a door everybody may come in. */
  gate(door?: Door): Gate
  /**
   * Publishes in the hub's name. Resolves with the event's id once it is committed; rejects what is too
   * large, with a sentence.
   */
  publish(publication: Publication): Promise<number>
  /**
   * Appends retained messages as events of the origin `retained`, in this order, for rules that came later;
   * nobody else gets them. A message is left out if its topic has another one by now. Resolves when all are
   * committed.
   */
  recall(messages: readonly RetainedHead[]): Promise<void>
  /** See `clear-retained.ts`. */
  clearRetained(range: RetainedRange): Promise<ClearedRetained>
  /** What the broker has for a client; `undefined` when it has no session. */
  client(id: string): ClientSession | undefined
  /**
   * Ends the connection of a client and publishes who asked for that, on `<root>/hub/kicked`. Resolves with
   * the event once it is committed, or with `undefined` when the client is not connected.
   */
  kick(id: string, by: string): Promise<number | undefined>
  /** Sets the filters whose events rules or bridges want to see, in place of the earlier ones. */
  setInterest(who: Interested, filters: readonly string[]): void
  /**
   * Publishes what came over a bridge. Returns its event, which need not be committed yet, or `AT_ONCE` when
   * nothing needs it recorded. Throws an error with a sentence when the message is not taken.
   */
  take(message: BridgedMessage): number
  /**
   * Whether an MQTT client with this pass could publish on a topic, and ask for an answer on the other one. A
   * refusal is counted as `dropped.denied`.
   */
  mayPublish(pass: Pass, topic: string, responseTopic?: string): boolean
  /** Calls the observer for every message, in place of the one before; `null` for none. */
  observe(observer: Observer | null): void
  /** Whether a message is retained on a topic. */
  isRetained(topic: string): boolean
  /**
   * Returns the id of the newest event that was received, once a pause of the hub up to now has become an
   * event. It may not be committed yet.
   */
  lastEventId(): number
  stats(): BrokerStats
  /** Says goodbye to all clients; resolves when the last socket is closed. */
  stop(): Promise<void>
}

export function createBroker(options: BrokerOptions): Broker {
  const hub = assemble(options)
  const { clock, eventLog, connections, counters, journal, publisher, retained, routes, sessions, output } =
    hub
  const publications = new Map<number, PromiseWithResolvers<number>>()
  const listeners: Listener[] = []
  let started = false
  let stopping: Promise<void> | undefined

  eventLog.onCommitted((committedId) => {
    for (const connection of hub.unacknowledged) connection.releaseAcks()
    if (eventLog.trouble === null) journal.committed(committedId)
    // The map is in the order of the ids.
    for (const [event, published] of publications) {
      if (event > committedId) break
      publications.delete(event)
      published.resolve(event)
    }
  })
  eventLog.onDrain(() => {
    for (const reader of hub.paused) reader.resume()
  })

  function start(): void {
    if (started) return
    started = true
    retained.restore(options.retained, hub.expiry)
    restoreSessions(hub, options.sessions, options.diedAt ?? clock.now())
    hub.presence.lost()
    hub.systemTopics.start()
    hub.pauses.start()
  }

  function enter(door: Door | null, byProxy: Door | null): ListenContext {
    start()
    for (const one of new Set([door, byProxy])) one?.onChanged(() => renewRights(hub, one))
    return {
      limits: hub.limits,
      log: hub.log,
      connections: () => connections.size,
      accept: (arrival) => accept({ ...arrival, door }),
      acceptByProxy: (arrival) => accept({ ...arrival, door: byProxy }),
    }
  }

  function accept(arrival: Arrival): Connection {
    const connection = new Connection({ hub, handle: handlePacket, arrival })
    connection.start()
    return connection
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
    hub.systemTopics.stop()
    hub.pauses.stop()
    sessions.stop()
    hub.wills.stop()
    journal.flush()
    hub.deadlines.stop()
    output.flush()
  }

  return {
    async listen(settings, door, byProxy = door) {
      const listener = await listen(
        enter(door ?? null, byProxy ?? null),
        'kind' in settings ? settings : { kind: 'tcp', ...settings },
      )
      listeners.push(listener)
      return listener
    },
    gate(door) {
      enter(door ?? null, null)
      return gateOf({ hub, door: door ?? null, accept })
    },
    webSockets: (address, door, byProxy = door) => webSockets(enter(door ?? null, byProxy ?? null), address),
    async publish(publication) {
      start()
      const message = messageOf(publication, hub.expiry.now())
      const problem = sizeProblem(sizeOf(message), Math.max(hub.limits.packetBytes, PACKET_BYTES))
      if (problem !== undefined) throw new Error(`Nothing was published to ${message.topic}: ${problem}.`)
      const event = publisher.publishMessage(message, {
        origin: publication.origin,
        client: null,
        cause: publication.cause,
      })
      return committed(event)
    },
    async recall(messages) {
      start()
      await committed(publisher.recallRetained(messages))
    },
    clearRetained(range) {
      start()
      return clearRetained({ clock, retained, publisher, committed }, range)
    },
    client(id) {
      const session = sessions.get(id)
      return session && sessionStatus(session)
    },
    async kick(id, by) {
      const holder = sessions.get(id)?.holder
      if (!holder) return undefined
      holder.close('kicked', ReasonCode.AdministrativeAction)
      const said = { client: id, address: holder.address, by }
      return this.publish({ ...hubMessage(`${options.root}/hub/kicked`, said), origin: 'http' })
    },
    observe(observer) {
      publisher.observer = observer
    },
    mayPublish(pass, topic, responseTopic) {
      const may =
        mayPublish(pass, routes.ofTaken(topic)) &&
        (responseTopic === undefined || mayBeAnswered(pass, responseTopic))
      if (!may) counters.drop('denied')
      return may
    },
    isRetained: (topic) => retained.get(topic) !== undefined,
    lastEventId() {
      hub.pauses.look(clock.now())
      return eventLog.lastId
    },
    setInterest: (who, filters) => routes.setInterest(who, filters),
    take(message) {
      start()
      return takeBridged(hub, message)
    },
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
