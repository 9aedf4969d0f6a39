// DISCONNECT: the client goes, and says what becomes of its will and its session.

import { decodeDisconnect } from '../../mqtt/disconnect.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Connection } from '../connection/connection.ts'
import type { Session } from '../session/session.ts'

/**
 * With reason 0x00, and always before 5.0, the will is taken back; with any other reason it is published.
 * [MQTT-3.14.4-3] [v3 MQTT-3.14.4-3]
 */
export function handleDisconnect(
  connection: Connection,
  session: Session,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const { reasonCode, properties } = decodeDisconnect(connection.version, buffer, start, end)
  const expiry = properties?.sessionExpiryInterval
  if (expiry !== undefined) {
    if (expiry > 0 && !session.outlives) {
      throw new MqttError(
        ReasonCode.ProtocolError, // section 3.14.2.2.2
        'DISCONNECT: it sets a session expiry, ' +
          'although CONNECT said that the session ends with the connection.',
      )
    }
    connection.hub.sessions.setExpiry(session, expiry)
  }
  connection.close(reasonCode === ReasonCode.NormalDisconnection ? 'clean' : 'will')
}
