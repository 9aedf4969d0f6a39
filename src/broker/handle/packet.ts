// Which packet goes to which handler, and which may come at all: CONNECT first and once, and nothing that
// only a server sends.

import { MqttError } from '../../mqtt/mqtt-error.ts'
import { PacketType, packetTypeName } from '../../mqtt/protocol.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Connection } from '../connection/connection.ts'
import { handleAuth } from './auth.ts'
import { handleConnect } from './connect.ts'
import { handleDisconnect } from './disconnect.ts'
import { handlePingreq } from './pingreq.ts'
import { handlePuback } from './puback.ts'
import { handlePubcomp } from './pubcomp.ts'
import { handlePublish } from './publish.ts'
import { handlePubrec } from './pubrec.ts'
import { handlePubrel } from './pubrel.ts'
import { handleSubscribe } from './subscribe.ts'
import { handleUnsubscribe } from './unsubscribe.ts'

/** In bytes. A larger packet that is no PUBLISH is taken apart when others have had their turn. */
const LARGE = 8 * 1024

export function handlePacket(
  connection: Connection,
  firstByte: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const type = firstByte >> 4
  if (type === PacketType.publish || end - start <= LARGE)
    return handle(connection, firstByte, buffer, start, end)
  const packet = Buffer.from(buffer.subarray(start, end))
  connection.reader.holdForOthers(() => {
    connection.hub.turns.spend(packet.length >>> BYTES_BITS)
    handle(connection, firstByte, packet, 0, packet.length)
  })
}

/** Taking eight bytes apart costs one unit of work. */
const BYTES_BITS = 3

function handle(connection: Connection, firstByte: number, buffer: Buffer, start: number, end: number): void {
  const type = firstByte >> 4
  const { session } = connection
  if (session === null) {
    if (connection.authentication !== null)
      return handleWhileAuthenticating(connection, type, buffer, start, end)
    if (type === PacketType.connect) return handleConnect(connection, buffer, start, end)
    // [MQTT-3.1.0-1] [v3 MQTT-3.1.0-1]
    throw new MqttError(ReasonCode.ProtocolError, `${packetTypeName(type)} came before CONNECT.`)
  }
  switch (type) {
    case PacketType.publish:
      return handlePublish(connection, session, firstByte, buffer, start, end)
    case PacketType.puback:
      return handlePuback(connection, session, firstByte, buffer, start, end)
    case PacketType.pubrec:
      return handlePubrec(connection, session, firstByte, buffer, start, end)
    case PacketType.pubrel:
      return handlePubrel(connection, session, firstByte, buffer, start, end)
    case PacketType.pubcomp:
      return handlePubcomp(connection, session, firstByte, buffer, start, end)
    case PacketType.subscribe:
      return handleSubscribe(connection, session, buffer, start, end)
    case PacketType.unsubscribe:
      return handleUnsubscribe(connection, session, buffer, start, end)
    case PacketType.pingreq:
      return handlePingreq(connection, buffer, start, end)
    case PacketType.disconnect:
      return handleDisconnect(connection, session, buffer, start, end)
    case PacketType.auth:
      return handleAuth(connection, buffer, start, end)
    default:
      // A second CONNECT [MQTT-3.1.0-2] [v3 MQTT-3.1.0-2] [MQTT-3.2.0-2], or a packet that only a server
      // sends.
      throw new MqttError(ReasonCode.ProtocolError, `${packetTypeName(type)} came from a connected client.`)
  }
}

function handleWhileAuthenticating(
  connection: Connection,
  type: number,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  if (type === PacketType.auth) return handleAuth(connection, buffer, start, end)
  if (type === PacketType.disconnect) return connection.close('clean')
  // [MQTT-3.1.2-30]
  throw new MqttError(ReasonCode.ProtocolError, `${packetTypeName(type)} came before the client was let in.`)
}
