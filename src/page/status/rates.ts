// Rates from two answers of the hub about its counters.

import type { HubStatus } from '../../model/hub-status.ts'

export interface Sample {
  /** When the answer came, Unix ms. */
  readonly at: number
  readonly startedAt: number
  readonly received: number
  readonly sent: number
}

/** Messages per second. */
export interface Rates {
  readonly received: number
  readonly sent: number
}

export const sampleOf = ({ startedAt, broker }: HubStatus, at: number): Sample => ({
  at,
  startedAt,
  received: broker.publishesReceived,
  sent: broker.publishesSent,
})

/**
 * The rates between two answers. With no answer before, or when the hub has started anew in between and counts from
 * 0, those since it started.
 */
export function ratesBetween(before: Sample | null, after: Sample): Rates {
  const isSame = before !== null && before.startedAt === after.startedAt && before.at < after.at
  const from = isSame ? before : { at: after.startedAt, received: 0, sent: 0 }
  const seconds = Math.max(1, after.at - from.at) / 1_000
  return { received: (after.received - from.received) / seconds, sent: (after.sent - from.sent) / seconds }
}
