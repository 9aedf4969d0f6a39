// Enhanced authentication is not offered: a CONNECT that asks for it is refused, so no AUTH can be in place.

import { decodeAuth } from '../../mqtt/auth.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Connection } from '../connection.ts'

export function handleAuth(connection: Connection, buffer: Buffer, start: number, end: number): void {
  decodeAuth(buffer, start, end)
  // [MQTT-4.12.0-6]
  throw new MqttError(
    ReasonCode.ProtocolError,
    `AUTH came from ${connection.address}, whose CONNECT named no method.`,
  )
}
