// Probes of other machines and services, as data: pings.

import type { RequestSpec, TextPattern } from './request.ts'

/** `unknown` until the first checks have said enough, and while no check can be made. */
export type PingState = 'up' | 'down' | 'unknown'

export interface PingSpec {
  readonly name: string
  readonly target:
    | { readonly host: string }
    | { readonly tcp: { readonly host: string; readonly port: number } }
    | { readonly request: RequestSpec; readonly expect: UrlExpectation }
  readonly everyMs: number
  /** The time limit of one check. A check that takes longer has failed. */
  readonly timeoutMs: number
  /** Failed checks in a row after which it is down; at least 1. */
  readonly fails: number
  /** Good checks in a row after which it is up again; at least 1. */
  readonly recovers: number
}

export interface UrlExpectation {
  /** Absent: 200 to 399, or 200 to 299 where redirects are followed. */
  readonly status?: readonly number[]
  /** A regular expression, searched in the first 256 KiB of the body. */
  readonly body?: TextPattern
  /** The certificate must be valid for at least this much longer. */
  readonly certificateMs?: number
}

/** The retained message under `<root>/ping/<name>`. */
export interface PingReport {
  readonly state: PingState
  /** The state before this one; where that was `unknown`, the one before it. */
  readonly previous: PingState
  /** The moment at which this state began, as an ISO date. */
  readonly since: string
  /** Latency of the check that decided, in milliseconds; `null` when it failed. */
  readonly latencyMs: number | null
  /** The reason why it is down or cannot be checked; empty when it is up. */
  readonly reason: string
}

/** A ping as the hub lists it. */
export interface PingStatus {
  readonly name: string
  readonly state: PingState
  /** The moment at which this state began, as an ISO date; `null` before the first report. */
  readonly since: string | null
  /** The reason why it is not up; empty when there is none. */
  readonly reason: string
  /** The last check could not be made. */
  readonly isUnable: boolean
}
