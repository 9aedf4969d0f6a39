// AUTH: the words of an enhanced authentication, at CONNECT or later.

import { decodeAuth } from '../../mqtt/auth.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import { advance, authenticateAgain } from '../connection/admission.ts'
import type { Connection } from '../connection/connection.ts'

export function handleAuth(connection: Connection, buffer: Buffer, start: number, end: number): void {
  const { reasonCode, properties } = decodeAuth(buffer, start, end)
  const { authentication } = connection
  if (authentication === null) {
    // [MQTT-4.12.0-6]
    throw wrong(`it came from ${connection.address}, whose CONNECT named no method`)
  }
  if (properties?.authenticationMethod !== authentication.method) {
    throw wrong(`its method is not ${authentication.method}, which CONNECT named`) // [MQTT-4.12.0-5]
  }
  const { authenticationData } = properties
  if (authentication.exchange !== null) {
    if (reasonCode !== ReasonCode.ContinueAuthentication) throw wrong('it does not go on') // [MQTT-4.12.0-3]
    return advance(connection, authentication, authenticationData)
  }
  if (reasonCode !== ReasonCode.ReAuthenticate) throw wrong('there is nothing to go on with')
  authenticateAgain(connection, authenticationData)
}

const wrong = (fault: string): MqttError => new MqttError(ReasonCode.ProtocolError, `AUTH: ${fault}.`)
