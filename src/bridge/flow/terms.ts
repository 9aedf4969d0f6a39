// What a bridge and the far side agree on for one connection.

import { HUB_PROPERTY } from '../../model/bridge.ts'
import type { QoS } from '../../model/event.ts'
import type { ConnackPacket } from '../../mqtt/connack.ts'
import { LARGEST_PACKET } from '../../mqtt/fixed-header.ts'
import type { Link } from '../link/link.ts'
import type { BridgeSettings } from '../settings.ts'
import type { FarSide } from './outgoing.ts'

export interface Terms extends FarSide {
  readonly link: Link
  readonly sessionPresent: boolean
  readonly window: number
  readonly maximumPacketSize: number
}

export function termsOf(
  link: Link,
  { sessionPresent, properties = {} }: ConnackPacket,
  settings: Pick<BridgeSettings, 'window' | 'broker'>,
  hubId: string,
): Terms {
  const farHub = properties.userProperties?.find(([name]) => name === HUB_PROPERTY)?.[1]
  return {
    link,
    sessionPresent,
    // [MQTT-3.3.4-9]
    window: Math.min(settings.window, properties.receiveMaximum ?? settings.window),
    maximumPacketSize: properties.maximumPacketSize ?? LARGEST_PACKET,
    hubId: farHub === hubId ? undefined : farHub,
    maximumQos: Math.min(mostQos(settings), properties.maximumQos ?? 2) as QoS, // [MQTT-3.2.2-11]
    retainAvailable: properties.retainAvailable ?? true, // [MQTT-3.2.2-14]
  }
}

/** RabbitMQ has no QoS 2, and says so to nobody. */
export const mostQos = ({ broker }: Pick<BridgeSettings, 'broker'>): QoS => (broker === 'rabbitmq' ? 1 : 2)
