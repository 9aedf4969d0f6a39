// CONNECT: check the client, find its session, say what was agreed on, and go on where the session was left.

import { randomUUID } from 'node:crypto'
import { printable } from '../../base/printable.ts'
import { connackReturnCode, encodeConnack } from '../../mqtt/connack.ts'
import { type ConnectPacket, connectVersion, decodeConnect } from '../../mqtt/connect.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import type { PropertiesOf } from '../../mqtt/properties.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { TopicError } from '../../topics/names.ts'
import type { Connection } from '../connection.ts'
import { announceOnline, ASSIGNED } from '../presence.ts'
import { NEVER_EXPIRES } from '../session.ts'
import { willOf } from '../wills.ts'

/** A presence topic has to hold a client id; what people use is far shorter. */
const LONGEST_CLIENT_ID_BYTES = 1_024

export function handleConnect(connection: Connection, buffer: Buffer, start: number, end: number): void {
  try {
    const packet = decodeConnect(buffer, start, end)
    connection.version = packet.version
    connection.parser.version = packet.version
    check(connection, packet)
    welcome(connection, packet)
  } catch (error) {
    if (!(error instanceof MqttError || error instanceof TopicError)) throw error
    refuse(connection, connectVersion(buffer, start, end) ?? 4, error)
  }
}

function check({ hub }: Connection, packet: ConnectPacket): void {
  const { clientId, will, properties } = packet
  if (hub.connections.size > hub.limits.connections) {
    throw new MqttError(ReasonCode.ServerBusy, `All ${hub.limits.connections} connections are taken.`)
  }
  if (properties?.authenticationMethod !== undefined) {
    // [MQTT-4.12.0-1]
    throw new MqttError(
      ReasonCode.BadAuthenticationMethod,
      'CONNECT: enhanced authentication is not offered.',
    )
  }
  if (Buffer.byteLength(clientId) > LONGEST_CLIENT_ID_BYTES) {
    throw new MqttError(
      ReasonCode.ClientIdentifierNotValid,
      `CONNECT: the client identifier is longer than ${LONGEST_CLIENT_ID_BYTES} bytes.`,
    )
  }
  if (will !== undefined && hub.routes.of(will.topic).closed) {
    throw new MqttError(
      ReasonCode.NotAuthorized,
      `CONNECT: the will topic "${printable(will.topic)}" is one that only the hub publishes on.`,
    )
  }
}

function welcome(connection: Connection, packet: ConnectPacket): void {
  const { hub } = connection
  const { clean, keepAlive, will, version } = packet
  const assigned = packet.clientId === '' ? `${ASSIGNED}${randomUUID()}` : undefined // [MQTT-3.1.3-6] [v3 MQTT-3.1.3-6]
  const clientId = assigned ?? packet.clientId
  const { session, present } = hub.sessions.open(hub, connection, clientId, clean)
  session.will = willOf(will) // [MQTT-3.1.2-7]
  hub.sessions.setExpiry(hub, session, expiryOf(packet))

  connection.session = session
  connection.window = Math.min(hub.limits.inflight, packet.properties?.receiveMaximum ?? 65_535)
  connection.maximumPacketSize = packet.properties?.maximumPacketSize ?? Infinity
  connection.patienceMs = keepAlive === 0 ? Infinity : keepAlive * 1_500 // [MQTT-3.1.2-22] [v3 MQTT-3.1.2-24]
  hub.deadlines.watch(connection)
  hub.counters.connects++
  hub.counters.mostClients = Math.max(hub.counters.mostClients, hub.connections.size)

  const properties = version === 5 ? offer(connection, assigned) : undefined
  // [MQTT-3.2.2-2] [MQTT-3.2.2-3] [v3 MQTT-3.2.2-1] [v3 MQTT-3.2.2-2] [v3 MQTT-3.2.2-3]
  connection.send(
    encodeConnack(
      { type: 'connack', sessionPresent: present, reasonCode: ReasonCode.Success, properties },
      version,
    ),
  )
  hub.log.debug({ client: clientId }, `client "${printable(clientId)}" connected from ${connection.address}`)
  announceOnline(hub, connection, clientId)
  hub.delivery.takeUp(connection, session)
}

/** What a version 5 client has to know about us. */
function offer({ hub }: Connection, assignedClientIdentifier: string | undefined): PropertiesOf<'connack'> {
  const { receiveMaximum, packetBytes, topicAliases } = hub.limits
  return {
    assignedClientIdentifier, // [MQTT-3.1.3-7] [MQTT-3.2.2-16]
    receiveMaximum: receiveMaximum < 65_535 ? receiveMaximum : undefined,
    maximumPacketSize: packetBytes,
    topicAliasMaximum: topicAliases,
    sharedSubscriptionAvailable: false,
  }
}

/** Before 5.0 a session either ends with its connection or never. */
function expiryOf({ version, clean, properties }: ConnectPacket): number {
  if (version === 5) return properties?.sessionExpiryInterval ?? 0
  return clean ? 0 : NEVER_EXPIRES
}

/** A CONNACK that says why, in the client's version, where there are words for it; then the end. // [MQTT-3.2.2-7] [v3 MQTT-3.2.2-5] */
function refuse(connection: Connection, version: 3 | 4 | 5, error: MqttError | TopicError): void {
  const { hub } = connection
  const reasonCode = error instanceof MqttError ? error.reason : ReasonCode.TopicNameInvalid
  hub.counters.refusedConnects++
  hub.log.info(`Refused a connection from ${connection.address}: ${printable(error.message, 500)}`)
  if (version === 5 || connackReturnCode(reasonCode) !== undefined) {
    const sessionPresent = false // [MQTT-3.2.2-6] [v3 MQTT-3.2.2-4]
    connection.send(encodeConnack({ type: 'connack', sessionPresent, reasonCode }, version))
  }
  connection.close('kicked')
}
