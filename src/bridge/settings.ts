// The settings of bridges as this folder takes them: the configuration with its paths absolute and its
// password read (`config/bridges.ts` says what each setting means).

import type { QoS } from '../model/event.ts'
import type { MappedTopic } from './messages/mapping.ts'

/** Files in PEM; see `tls` of a bridge in the configuration. */
export interface LinkTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly verify: boolean
  readonly alpn?: readonly string[] | undefined
}

export interface LinkSettings {
  readonly addresses: readonly string[]
  readonly prefer: 'first' | 'any'
  readonly user?: string | undefined
  /** Reads the password anew for each attempt. Throws an error with a sentence when there is none. */
  readonly password?: (() => string) | undefined
  readonly clientId: string
  readonly version: 'auto' | '5.0' | '3.1.1'
  /** 0 turns it off. */
  readonly keepAlive: number
  readonly reconnect: { readonly first: number; readonly longest: number }
  readonly tls?: LinkTls | undefined
  /** QoS 1 and 2 messages under way in each direction. */
  readonly window: number
  readonly alertAfter: number
}

export interface BridgeSettings extends LinkSettings {
  readonly name: string
  readonly topics: readonly MappedTopic[]
  readonly clean: boolean
  readonly retain: boolean
  readonly status?: string | undefined
  readonly onDemand?: number | undefined
  readonly broker: 'mqtt' | 'rabbitmq' | 'nats'
  /** The bridge is a member of a shared subscription, and all its topics come in. */
  readonly group?: string | undefined
}

/** A subscription at the far side. */
export interface FarSubscription {
  readonly filter: string
  readonly qos: QoS
}
