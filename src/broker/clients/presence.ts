// Comings and goings of clients, as retained messages that rules and any MQTT client can see: `<root>/clients/<id>`.

import { encodePropertyBytes } from '../../mqtt/properties.ts'
import { topicLevel } from '../../topics/escape.ts'
import type { Connection } from '../connection/connection.ts'
import type { Hub } from '../connection/hub.ts'
import { messageFrom } from '../message/message.ts'
import { publishMessage } from '../delivery/publisher.ts'
import { NEVER_EXPIRES, type Session } from '../session/session.ts'

/** How a client went. `kicked`: the hub closed the connection, because of a fault or by order. */
export type Departure = 'clean' | 'will' | 'socket' | 'keepalive' | 'takeover' | 'kicked' | 'stopped'

/** The retained message about one client. */
export interface Presence {
  readonly client: string
  readonly state: 'online' | 'offline'
  /** How it went; `null` while it is there. */
  readonly reason: Departure | null
  /** Unix ms. */
  readonly since: number
  readonly address: string
  /** `3.1`, `3.1.1` or `5.0`. */
  readonly protocol: string
}

/** How a client id begins that the hub has given. */
export const ASSIGNED = 'auto-'

const PROTOCOLS = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const

/** How long the hub says that a client went, from the end of its session on: for one with a name of its own, and for others. */
const REMEMBERED_SECONDS = 7 * 86_400
const REMEMBERED_UNNAMED_SECONDS = 60

export function announceOnline(hub: Hub, connection: Connection, clientId: string): void {
  publishPresence(hub, presenceOf(hub, connection, clientId, null), undefined)
}

export function announceOffline(hub: Hub, connection: Connection, session: Session, reason: Departure): void {
  const { clientId, expirySeconds } = session
  const remembered = clientId.startsWith(ASSIGNED) ? REMEMBERED_UNNAMED_SECONDS : REMEMBERED_SECONDS
  const seconds = expirySeconds + remembered
  publishPresence(
    hub,
    presenceOf(hub, connection, clientId, reason),
    seconds < NEVER_EXPIRES ? seconds : undefined,
  )
}

/** After a hub that did not stop cleanly: whoever was online then is not any more. */
export function announceLost(hub: Hub): void {
  const online: Presence[] = []
  for (const { payload } of hub.retained.match(`${hub.root}/clients/+`)) {
    const presence = presenceIn(payload)
    if (presence?.state === 'online' && typeof presence.client === 'string') online.push(presence)
  }
  for (const presence of online) {
    const offline = { ...presence, state: 'offline', reason: 'stopped', since: hub.clock.now() } as const
    publishPresence(hub, offline, REMEMBERED_SECONDS)
  }
}

/** A rule may have published there what it likes. */
function presenceIn(payload: Buffer): Presence | undefined {
  try {
    return (JSON.parse(payload.toString()) as Presence | null) ?? undefined
  } catch {
    return undefined
  }
}

const presenceTopic = (root: string, clientId: string): string => `${root}/clients/${topicLevel(clientId)}`

const presenceOf = (
  hub: Hub,
  { address, version }: Connection,
  client: string,
  reason: Departure | null,
): Presence => ({
  client,
  state: reason === null ? 'online' : 'offline',
  reason,
  since: hub.clock.now(),
  address,
  protocol: PROTOCOLS[version],
})

function publishPresence(hub: Hub, presence: Presence, messageExpiryInterval: number | undefined): void {
  const topic = presenceTopic(hub.root, presence.client)
  const message = messageFrom({
    topic,
    payload: Buffer.from(JSON.stringify(presence)),
    qos: 1,
    retain: true,
    properties: encodePropertyBytes({ messageExpiryInterval }),
    at: hub.clock.now(),
  })
  publishMessage(hub, message, { origin: 'hub', client: null, cause: null }, hub.routes.once(topic))
}
