// What a bridge offers a broker, best first: MQTT 5.0, then 3.1.1 as a bridge, then plain 3.1.1. A bridge of
// 3.1.1 sets the highest bit of the protocol level, as Mosquitto's do: a broker that knows it does not send
// back what the bridge has sent, and keeps the retain flag. Others refuse the level, and get the next offer.

import { HUB_PROPERTY } from '../../model/bridge.ts'
import type { ConnectPacket } from '../../mqtt/connect.ts'
import type { LinkSettings } from '../settings.ts'

/** Seconds; the session never expires. [MQTT-3.1.2-23] */
const NEVER = 0xffff_ffff

export interface Offer {
  readonly version: 4 | 5
  readonly bridge: boolean
}

const V5: Offer = { version: 5, bridge: false }
const V4_BRIDGE: Offer = { version: 4, bridge: true }
const V4: Offer = { version: 4, bridge: false }

/** @param isBridge whether the settings are those of a bridge; a member of a shared subscription is none */
export function offersFor(version: LinkSettings['version'], isBridge: boolean): readonly Offer[] {
  const before5 = isBridge ? [V4_BRIDGE, V4] : [V4]
  return version === '5.0' ? [V5] : version === '3.1.1' ? before5 : [V5, ...before5]
}

export interface ConnectSettings extends Pick<LinkSettings, 'clientId' | 'user' | 'password' | 'keepAlive'> {
  readonly clean: boolean
  readonly window: number
  readonly status?: string | undefined
}

export function connectPacket(
  { version, bridge }: Offer,
  { clean, clientId, user, password, keepAlive, window, status }: ConnectSettings,
  hubId: string,
): ConnectPacket {
  return {
    type: 'connect',
    version,
    bridge,
    clean,
    keepAlive: Math.ceil(keepAlive / 1_000),
    clientId,
    ...(status !== undefined && {
      will: { topic: status, payload: Buffer.from('0'), qos: 1, retain: true },
    }),
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password: Buffer.from(password()) }),
    ...(version === 5 && {
      properties: {
        sessionExpiryInterval: clean ? 0 : NEVER,
        receiveMaximum: window,
        userProperties: [[HUB_PROPERTY, hubId]],
      },
    }),
  }
}
