// What one session has asked for on one topic, by all of its filters that match.

import type { QoS } from '../../model/event.ts'
import type { Via } from './owed.ts'
import type { Session, Subscription } from './session.ts'

/** The session gets one copy, however many of its filters match. // [MQTT-3.3.4-2] [v3 MQTT-3.3.5-1] */
export interface Target {
  readonly session: Session
  /** The highest QoS of the matching subscriptions. */
  readonly qos: QoS
  readonly retainAsPublished: boolean
  /**
   * The identifiers of all matching subscriptions that have one.
   * [MQTT-3.3.4-3] [MQTT-3.3.4-4] [MQTT-3.3.4-5]
   */
  readonly identifiers: readonly number[]
  /** What the session gets of its own messages: less where No Local says so. // [MQTT-3.8.3-3] */
  readonly own: Target | null
  /** The shared subscription that this is a member of. */
  readonly via: Via | null
}

/** @param subscriptions of one session; at least one */
export function targetOf(subscriptions: readonly Subscription[]): Target {
  const whole = merged(subscriptions)
  const local = subscriptions.filter(({ noLocal }) => !noLocal)
  const own =
    local.length === subscriptions.length
      ? undefined
      : local.length === 0
        ? null
        : { ...merged(local), own: null, via: null }
  const target: Mutable<Target> = { ...whole, own: own ?? null, via: null }
  if (own === undefined) target.own = target
  return target
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function merged(subscriptions: readonly Subscription[]): Omit<Target, 'own' | 'via'> {
  return {
    session: subscriptions[0]!.session,
    qos: Math.max(...subscriptions.map(({ qos }) => qos)) as QoS,
    retainAsPublished: subscriptions.some(({ retainAsPublished }) => retainAsPublished),
    identifiers: subscriptions.map(({ identifier }) => identifier).filter((identifier) => identifier > 0),
  }
}
