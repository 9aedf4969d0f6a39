// CONNECT: check the client, find its session, say what was agreed on, and go on where the session was left.
// [v3 MQTT-7.0.0-2]

import { randomUUID } from 'node:crypto'
import { printable } from '../../base/printable.ts'
import type { Pass } from '../../model/access.ts'
import { connackReturnCode, encodeConnack } from '../../mqtt/connack.ts'
import { type ConnectPacket, connectVersion, decodeConnect } from '../../mqtt/connect.ts'
import { LARGEST_PACKET } from '../../mqtt/fixed-header.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import type { PropertiesOf } from '../../mqtt/properties.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { HUB_PROPERTY } from '../../model/bridge.ts'
import { topicLevel } from '../../topics/escape.ts'
import { TopicError } from '../../topics/names.ts'
import { ASSIGNED } from '../clients/presence.ts'
import { admit } from '../connection/admission.ts'
import type { Connection } from '../connection/connection.ts'
import { reasonOf, whyOf } from '../connection/fault.ts'
import { Aliases } from '../message/aliases.ts'
import { mayPublish } from '../routing/may-publish.ts'
import { isSameOwner, mayBeAnswered } from '../session/rights.ts'
import { NEVER_EXPIRES } from '../session/session.ts'

/**
 * A presence topic has to hold a client id; people use far shorter ones.
 * [MQTT-3.1.3-5] [v3 MQTT-3.1.3-5]
 */
const LONGEST_CLIENT_ID_BYTES = 1_024

export function handleConnect(connection: Connection, buffer: Buffer, start: number, end: number): void {
  try {
    const packet = decodeConnect(buffer, start, end) // [MQTT-3.1.4-1] [v3 MQTT-3.1.4-1]
    connection.version = packet.version
    connection.reader.setVersion(packet.version)
    connection.maximumPacketSize = Math.min(packet.properties?.maximumPacketSize ?? Infinity, LARGEST_PACKET)
    connection.bridge = packet.bridge ? { since: connection.hub.eventLog.lastId } : null
    connection.signedBy = isHub(packet) ? (connection.hub.hubId ?? null) : null
    connection.wantsReasons = packet.properties?.requestProblemInformation ?? true
    check(connection, packet) // [MQTT-3.1.4-2]
    // [MQTT-3.1.3-6] [v3 MQTT-3.1.3-6]
    const assigned = packet.clientId === '' ? `${ASSIGNED}${randomUUID()}` : undefined
    admit(connection, packet, assigned ?? packet.clientId, {
      welcome: (pass, word) => tryTo(connection, () => welcome(connection, packet, assigned, pass, word)),
      refuse: (error) => refuse(connection, packet.version, error),
    })
  } catch (error) {
    if (!isFaultOfThePeer(error)) throw error
    refuse(connection, connectVersion(buffer, start, end) ?? 4, error)
  }
}

function tryTo(connection: Connection, act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!isFaultOfThePeer(error)) throw error
    refuse(connection, connection.version, error)
  }
}

const isFaultOfThePeer = (error: unknown): error is MqttError | TopicError =>
  error instanceof MqttError || error instanceof TopicError

function check({ hub, address }: Connection, { clientId }: ConnectPacket): void {
  if (!hub.connectRate.take(address)) {
    throw new MqttError(
      ReasonCode.ConnectionRateExceeded,
      `${address} connects more than ${hub.limits.connectsPerSecond} times a second.`,
    )
  }
  if (hub.connections.size > hub.limits.connections) {
    throw new MqttError(ReasonCode.ServerBusy, `All ${hub.limits.connections} connections are taken.`)
  }
  if (Buffer.byteLength(clientId) > LONGEST_CLIENT_ID_BYTES) {
    // [MQTT-3.1.3-8] [v3 MQTT-3.1.3-9]
    throw new MqttError(
      ReasonCode.ClientIdentifierNotValid,
      `CONNECT: the client identifier is longer than ${LONGEST_CLIENT_ID_BYTES} bytes.`,
    )
  }
}

/** Checks of which only those are told who may come in. */
function checkAdmitted({ hub }: Connection, clientId: string, packet: ConnectPacket, pass: Pass): void {
  const { will } = packet
  const owner = hub.sessions.get(clientId)?.pass.user ?? null
  if (owner !== null && owner !== pass.user) {
    throw new MqttError(
      ReasonCode.ClientIdentifierNotValid,
      `CONNECT: the session of client "${printable(clientId)}" belongs to user "${printable(owner)}".`,
    )
  }
  const { persistent } = hub.sessions
  if (
    persistent >= hub.limits.sessions &&
    expiryOf(packet) > 0 &&
    hub.sessions.get(clientId)?.outlives !== true
  ) {
    throw new MqttError(
      ReasonCode.QuotaExceeded,
      `CONNECT: all ${persistent} sessions that may outlive their connection are taken; ` +
        `client "${printable(clientId)}" may come without one.`,
    )
  }
  if (will !== undefined && !mayPublish(pass, hub.routes.of(will.topic))) {
    throw new MqttError(
      ReasonCode.NotAuthorized,
      `CONNECT: client "${printable(clientId)}" ` +
        `may not publish on its will topic "${printable(will.topic)}".`,
    )
  }
  const answerTo = will?.properties?.responseTopic
  if (answerTo !== undefined && !mayBeAnswered(pass, answerTo)) {
    throw new MqttError(
      ReasonCode.NotAuthorized,
      `CONNECT: the will of client "${printable(clientId)}" asks for an answer on ` +
        `"${printable(answerTo)}", where the client may neither publish nor receive.`,
    )
  }
}

function welcome(
  connection: Connection,
  packet: ConnectPacket,
  assigned: string | undefined,
  pass: Pass,
  word: Buffer | undefined,
): void {
  const { hub } = connection
  const { clean, will, version } = packet
  const clientId = assigned ?? packet.clientId
  checkAdmitted(connection, clientId, packet, pass)
  const keepAlive = keepAliveOf(connection, packet)
  const properties: PropertiesOf<'connack'> = {
    assignedClientIdentifier: assigned, // [MQTT-3.1.3-7] [MQTT-3.2.2-16]
    serverKeepAlive: keepAlive === packet.keepAlive ? undefined : keepAlive,
    responseInformation: responseTopicOf(packet, clientId),
    ...introduction(connection),
    ...offer(connection),
    ...proof(connection, word),
  }
  // [MQTT-3.1.4-5] [MQTT-3.2.0-1] [MQTT-3.2.2-1] [v3 MQTT-3.1.4-4] [v3 MQTT-3.2.0-1]
  const connack = (sessionPresent: boolean): Buffer =>
    encodeConnack({ type: 'connack', sessionPresent, reasonCode: ReasonCode.Success, properties }, version)
  if (connection.maximumPacketSize < LARGEST_PACKET && connack(false).length > connection.maximumPacketSize) {
    throw new MqttError(
      ReasonCode.PacketTooLarge,
      // [MQTT-3.1.2-24]
      `CONNECT: a client that takes ${connection.maximumPacketSize} bytes cannot be told what it has to know.`,
    )
  }
  const before = hub.sessions.get(clientId)
  const isForeign = before !== undefined && !isSameOwner(before.pass, pass)
  if (isForeign)
    hub.log.info(
      { client: clientId },
      `The session of client "${printable(clientId)}" ends: another user has connected from ` +
        `${connection.address} with this client id.`,
    )
  const { session, present } = hub.sessions.open(connection, clientId, clean || isForeign)
  if (session.pass.rights !== pass.rights && session.subscriptions.size > 0) hub.routes.refresh()
  session.admit(pass, connection.door)
  hub.sessions.setExpiry(session, expiryOf(packet))
  if (will !== undefined) hub.wills.take(session, will) // [MQTT-3.1.2-7]

  connection.session = session
  connection.hasNewSession = !present
  // [MQTT-4.9.0-1]
  connection.window = Math.min(hub.limits.inflight, packet.properties?.receiveMaximum ?? 65_535)
  const aliases = Math.min(hub.limits.topicAliases, packet.properties?.topicAliasMaximum ?? 0)
  // [MQTT-3.1.2-26] [MQTT-3.1.2-27] [MQTT-3.3.2-11]
  if (aliases > 0) connection.sentAliases = new Aliases(aliases)
  // [MQTT-3.1.2-22] [v3 MQTT-3.1.2-24]
  connection.keepAlive.agreeOn(keepAlive === 0 ? Infinity : keepAlive * 1_500)
  hub.counters.connects++
  hub.counters.mostClients = Math.max(hub.counters.mostClients, hub.connections.size)

  // What the client may rely on is committed first; until then nothing is sent to it. [MQTT-3.2.0-1]
  connection.reader.holdUntilCommitted(session.mark, () => {
    session.attach(connection)
    // [MQTT-3.2.2-2] [MQTT-3.2.2-3] [v3 MQTT-3.2.2-1] [v3 MQTT-3.2.2-2] [v3 MQTT-3.2.2-3]
    connection.send(connack(present))
    hub.log.debug(
      { client: clientId },
      `client "${printable(clientId)}" connected from ${connection.address}`,
    )
    hub.presence.online(connection, session)
    hub.backlog.takeUp(connection, session)
  })
}

/** The id of this hub, for a bridge of another one: it does not send what has been here. */
const introduction = ({ signedBy }: Connection): PropertiesOf<'connack'> =>
  signedBy === null ? {} : { userProperties: [[HUB_PROPERTY, signedBy]] }

const isHub = ({ properties }: ConnectPacket): boolean =>
  properties?.userProperties?.some(([name]) => name === HUB_PROPERTY) === true

/** What a version 5 client has to know about the hub. */
function offer({ hub }: Connection): PropertiesOf<'connack'> {
  const { receiveMaximum, packetBytes, topicAliases } = hub.limits
  return {
    receiveMaximum: receiveMaximum < 65_535 ? receiveMaximum : undefined,
    maximumPacketSize: packetBytes,
    topicAliasMaximum: topicAliases,
  }
}

/**
 * The keep alive in seconds. Before 5.0 there is no way to tell a client another one than its own; a gateway
 * watches over its clients itself.
 * [MQTT-3.2.2-22]
 */
function keepAliveOf({ hub, protocol }: Connection, { keepAlive, version }: ConnectPacket): number {
  const longest = hub.limits.keepAliveSeconds
  if (version < 5 || longest === 0 || protocol !== undefined) return keepAlive
  return keepAlive === 0 ? longest : Math.min(keepAlive, longest)
}

/** A topic of the client's own for answers to its requests, if it asks for one. // [MQTT-3.1.2-28] */
function responseTopicOf({ properties }: ConnectPacket, clientId: string): string | undefined {
  return properties?.requestResponseInformation === true ? `responses/${topicLevel(clientId)}` : undefined
}

/** The CONNACK properties of an enhanced authentication, with its last word. */
// [MQTT-4.12.0-5]
const proof = ({ authentication }: Connection, word: Buffer | undefined): PropertiesOf<'connack'> =>
  authentication === null ? {} : { authenticationMethod: authentication.method, authenticationData: word }

/** Before 5.0 a session either ends with its connection or never. */
function expiryOf({ version, clean, properties }: ConnectPacket): number {
  if (version === 5) return properties?.sessionExpiryInterval ?? 0
  return clean ? 0 : NEVER_EXPIRES
}

/** Reasons of which the log warns: somebody may be trying what is not theirs. */
const STRANGERS: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.BadUserNameOrPassword,
  ReasonCode.NotAuthorized,
])

/**
 * A CONNACK that says why, in the client's version, where there are words for it; then the end.
 * [MQTT-3.2.2-7] [v3 MQTT-3.2.2-5]
 */
function refuse(connection: Connection, version: 3 | 4 | 5, error: MqttError | TopicError): void {
  const { hub } = connection
  const reasonCode = reasonOf(error)
  hub.counters.refusedConnects++
  const level = STRANGERS.has(reasonCode) ? 'warn' : 'info'
  hub.log[level](`Refused a connection from ${connection.address}: ${printable(error.message, 500)}`)
  if (version === 5 || connackReturnCode(reasonCode) !== undefined) {
    const sessionPresent = false // [MQTT-3.2.2-6] [v3 MQTT-3.2.2-4]
    const packet = connection.withReason(whyOf(error), (reasonString) =>
      encodeConnack({ type: 'connack', sessionPresent, reasonCode, properties: { reasonString } }, version),
    )
    connection.send(packet)
  }
  connection.close('kicked') // [MQTT-3.1.4-6] [MQTT-4.12.0-4] [v3 MQTT-3.1.4-5]
}
