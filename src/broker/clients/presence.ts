// Comings and goings of clients, as retained messages that rules and any MQTT client can see:
// `<root>/clients/<id>`.

import type { Clock } from '../../base/clock.ts'
import type { PresenceState } from '../../model/client.ts'
import { encodePropertyBytes } from '../../mqtt/properties.ts'
import { topicLevel } from '../../topics/escape.ts'
import type { Publisher } from '../delivery/publisher.ts'
import { messageFrom } from '../message/message.ts'
import type { RetainedMessages } from '../routing/retained.ts'
import type { Routes } from '../routing/routing.ts'
import type { Departure, Recipient } from '../session/recipient.ts'
import { NEVER_EXPIRES, type Session } from '../session/session.ts'

/** The retained message about one client. */
export interface ClientPresence {
  readonly client: string
  readonly state: PresenceState
  /** How it went; `null` while it is there. */
  readonly reason: Departure | null
  /** Unix ms. */
  readonly since: number
  readonly address: string
  /** The user that it has shown to be; `null` for none. */
  readonly user: string | null
  /** `3.1`, `3.1.1` or `5.0`; `MQTT-SN 1.2`. */
  readonly protocol: string
  /** When the client had last published at that moment, Unix ms; `null` for not that the hub knows of. */
  readonly publishedAt: number | null
}

/** How a client id begins that the hub has given. */
export const ASSIGNED = 'auto-'

/** States of a client to which there is a connection. */
const HERE: ReadonlySet<PresenceState> = new Set(['online', 'asleep', 'awake'])

const PROTOCOLS = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const

/**
 * How long the hub says that a client went, from the end of its session on: if it has a name of its own, and
 * if not.
 */
const REMEMBERED_SECONDS = 7 * 86_400
const REMEMBERED_UNNAMED_SECONDS = 60

export interface PresenceOptions {
  readonly clock: Clock
  readonly expiry: Pick<Clock, 'now'>
  /** First topic level of the hub's own messages. */
  readonly root: string
  readonly publisher: Publisher
  readonly retained: RetainedMessages
  readonly routes: Routes
}

export class Presence {
  readonly #clock: Clock
  readonly #expiry: Pick<Clock, 'now'>
  readonly #root: string
  readonly #publisher: Publisher
  readonly #retained: RetainedMessages
  readonly #routes: Routes

  constructor({ clock, expiry, root, publisher, retained, routes }: PresenceOptions) {
    this.#clock = clock
    this.#expiry = expiry
    this.#root = root
    this.#publisher = publisher
    this.#retained = retained
    this.#routes = routes
  }

  online(recipient: Recipient, session: Session): void {
    this.#publish(this.#of(recipient, session, 'online', null), undefined)
  }

  /** A client of MQTT-SN falls asleep, or wakes. */
  turned(recipient: Recipient, session: Session, state: 'online' | 'asleep' | 'awake'): void {
    this.#publish(this.#of(recipient, session, state, null), undefined)
  }

  offline(recipient: Recipient, session: Session, reason: Departure): void {
    const { clientId, expirySeconds } = session
    const remembered = clientId.startsWith(ASSIGNED) ? REMEMBERED_UNNAMED_SECONDS : REMEMBERED_SECONDS
    const seconds = expirySeconds + remembered
    const isLost = recipient.protocol !== undefined && reason === 'keepalive'
    const presence = this.#of(recipient, session, isLost ? 'lost' : 'offline', reason)
    this.#publish(presence, seconds < NEVER_EXPIRES ? seconds : undefined)
  }

  /** After a hub that did not stop cleanly: whoever was there then is not any more. */
  lost(): void {
    const online: ClientPresence[] = []
    for (const { payload } of this.#retained.match(`${this.#root}/clients/+`)) {
      const presence = presenceIn(payload)
      if (typeof presence?.client === 'string' && HERE.has(presence.state)) online.push(presence)
    }
    for (const presence of online) {
      const offline = { ...presence, state: 'offline', reason: 'stopped', since: this.#clock.now() } as const
      this.#publish(offline, REMEMBERED_SECONDS)
    }
  }

  #of(
    { address, version, protocol }: Recipient,
    { clientId, pass, publishedAt }: Session,
    state: PresenceState,
    reason: Departure | null,
  ): ClientPresence {
    return {
      client: clientId,
      state,
      reason,
      since: this.#clock.now(),
      address,
      user: pass.user,
      protocol: protocol ?? PROTOCOLS[version],
      publishedAt,
    }
  }

  #publish(presence: ClientPresence, messageExpiryInterval: number | undefined): void {
    const topic = `${this.#root}/clients/${topicLevel(presence.client)}`
    const message = messageFrom({
      topic,
      payload: Buffer.from(JSON.stringify(presence)),
      qos: 1,
      retain: true,
      properties: encodePropertyBytes({ messageExpiryInterval }),
      at: this.#expiry.now(),
    })
    const by = { origin: 'hub', client: null, cause: null } as const
    this.#publisher.publishMessage(message, by, this.#routes.once(topic))
  }
}

/** A rule may have published there what it likes: then this is `undefined`, or has other fields. */
function presenceIn(payload: Buffer): ClientPresence | undefined {
  try {
    return (JSON.parse(payload.toString()) as ClientPresence | null) ?? undefined
  } catch {
    return undefined
  }
}
