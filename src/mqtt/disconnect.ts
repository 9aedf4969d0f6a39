// DISCONNECT: the last packet of a connection. Before 5.0 it comes from the client alone and is empty; in 5.0
// either side says why. Which side may give which reason, and that a server sends no session expiry, is for
// the side to know.

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { FirstByte } from './fixed-header.ts'
import { hasProperties, readProperties, writeProperties, type PropertiesOf } from './properties.ts'
import type { ProtocolVersion } from './protocol.ts'
import { ReasonCode } from './reason-codes.ts'

export interface DisconnectPacket {
  readonly type: 'disconnect'
  readonly reasonCode: ReasonCode
  readonly properties?: PropertiesOf<'disconnect'>
}

export function decodeDisconnect(
  version: ProtocolVersion,
  buffer: Buffer,
  start: number,
  end: number,
): DisconnectPacket {
  const reader = new ByteReader(buffer, start, end, 'DISCONNECT')
  let reasonCode: ReasonCode = ReasonCode.NormalDisconnection
  let properties: PropertiesOf<'disconnect'> | undefined
  if (version === 5 && reader.left > 0) {
    reasonCode = reader.reasonCode(ALLOWED) // [MQTT-3.14.2-1]
    if (reader.left > 0) properties = readProperties(reader, 'disconnect')
  }
  reader.end()
  return { type: 'disconnect', reasonCode, properties }
}

export function encodeDisconnect(packet: DisconnectPacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter()
  if (version === 5) {
    const withProperties = hasProperties(packet.properties)
    if (withProperties || packet.reasonCode !== ReasonCode.NormalDisconnection) writer.u8(packet.reasonCode)
    if (withProperties) writeProperties(writer, packet.properties)
  }
  return writer.packet(FirstByte.disconnect)
}

const ALLOWED: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.NormalDisconnection,
  ReasonCode.DisconnectWithWill,
  ReasonCode.UnspecifiedError,
  ReasonCode.MalformedPacket,
  ReasonCode.ProtocolError,
  ReasonCode.ImplementationSpecificError,
  ReasonCode.NotAuthorized,
  ReasonCode.ServerBusy,
  ReasonCode.ServerShuttingDown,
  ReasonCode.BadAuthenticationMethod,
  ReasonCode.KeepAliveTimeout,
  ReasonCode.SessionTakenOver,
  ReasonCode.TopicFilterInvalid,
  ReasonCode.TopicNameInvalid,
  ReasonCode.ReceiveMaximumExceeded,
  ReasonCode.TopicAliasInvalid,
  ReasonCode.PacketTooLarge,
  ReasonCode.MessageRateTooHigh,
  ReasonCode.QuotaExceeded,
  ReasonCode.AdministrativeAction,
  ReasonCode.PayloadFormatInvalid,
  ReasonCode.RetainNotSupported,
  ReasonCode.QosNotSupported,
  ReasonCode.UseAnotherServer,
  ReasonCode.ServerMoved,
  ReasonCode.SharedSubscriptionsNotSupported,
  ReasonCode.ConnectionRateExceeded,
  ReasonCode.MaximumConnectTime,
  ReasonCode.SubscriptionIdentifiersNotSupported,
  ReasonCode.WildcardSubscriptionsNotSupported,
])
