// PINGREQ: the client shows that it is there.

import { decodePingreq } from '../../mqtt/pingreq.ts'
import { encodePingresp } from '../../mqtt/pingresp.ts'
import type { Connection } from '../connection/connection.ts'

const PINGRESP = encodePingresp()

export function handlePingreq(connection: Connection, buffer: Buffer, start: number, end: number): void {
  decodePingreq(buffer, start, end)
  connection.send(PINGRESP) // [MQTT-3.12.4-1] [v3 MQTT-3.12.4-1]
}
