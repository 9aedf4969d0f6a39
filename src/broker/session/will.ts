// A client's last will, as its session holds it until the connection ends.

import type { QoS } from '../../model/event.ts'

export interface Will {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  /** The MQTT 5 properties that are forwarded, as they stand on the wire. // [MQTT-3.1.3-10] */
  readonly properties: Uint8Array
  readonly delaySeconds: number
}
