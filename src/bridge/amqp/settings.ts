// The settings of an AMQP bridge as this folder takes them (`config/amqp.ts` says what each setting means).

import type { LinkSettings } from '../settings.ts'

/** Local events that go to an exchange. */
export interface ToExchange {
  readonly filter: string
  readonly from: string
  readonly exchange: string
  /** The routing key; by default it is made of the topic. */
  readonly key?: string | undefined
}

/** A queue whose messages come in. */
export interface FromQueue {
  readonly queue: string
  /** Prefix of the topics that are made of the routing keys. */
  readonly to: string
  /** The topic of all its messages. */
  readonly topic?: string | undefined
}

export interface AmqpSettings extends Omit<LinkSettings, 'clientId' | 'version'> {
  readonly name: string
  readonly out: readonly ToExchange[]
  readonly in: readonly FromQueue[]
}
