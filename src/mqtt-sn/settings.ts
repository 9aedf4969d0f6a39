// The settings of one listener as this folder takes them (`config/mqtt-sn.ts` says what each means).

import type { PredefinedTopic } from './topics/predefined.ts'

export interface SnSettings {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** Names the gateway to clients; 1 to 255. */
  readonly gatewayId: number
  /** Where ADVERTISE goes, and how often; absent: nowhere. */
  readonly advertise?: { readonly to: string; readonly port: number; readonly every: number } | undefined
  /** All clients are this user. */
  readonly user?: string | undefined
  readonly predefined: readonly PredefinedTopic[]
  /** Whether messages of QoS −1 are taken. */
  readonly connectionless: boolean
  /** T_retry in ms: how long an answer of a client is waited for. */
  readonly retryAfter: number
  /** N_retry: how often a message is sent again. */
  readonly retries: number
  /** The longest message that a client is sent, in bytes. */
  readonly messageSize: number
  /** Clients at one time. */
  readonly clients: number
  /** Topic ids of one client. */
  readonly topicIds: number
  /** Messages of QoS 0 that are kept for a client that sleeps, or does not keep up. */
  readonly queueMessages: number
}
