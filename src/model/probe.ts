// Probes of other machines and services, as data: pings.

import type { RequestSpec, TextPattern, TlsFiles } from './request.ts'
import type { SecretText } from './secret.ts'

/**
 * `unknown`: the first checks have not said enough yet, or no check can be made. `flapping`: it changes
 * between up and down so often that no change is reported. `unreachable`: something that it depends on is
 * down, so nothing is known of it.
 */
export type PingState = 'up' | 'down' | 'unknown' | 'flapping' | 'unreachable'

/** What the checks themselves can say. */
export type CheckedState = 'up' | 'down' | 'unknown'

export interface PingSpec {
  readonly name: string
  /** The other machine whose agent makes the checks; absent: the hub makes them. */
  readonly host?: string
  readonly target: PingTarget
  readonly everyMs: number
  /** Each check begins up to this much after its planned moment. */
  readonly jitterMs: number
  /** A check that takes longer has failed. */
  readonly timeoutMs: number
  /** Failed checks in a row after which it is down; at least 1. */
  readonly fails: number
  /** Good checks in a row after which it is up again; at least 1. */
  readonly recovers: number
  /** The scores at which it begins and ceases to flap; `null` when it never does. */
  readonly flapping: FlapLimits | null
  /** Names of the pings without which it cannot be reached. */
  readonly dependsOn: readonly string[]
  /** Whether it stands for the hub's own network, together with all others that do. */
  readonly isReference: boolean
}

/** The limits of a score to which each change adds 1, and of which some goes with each check, or with time. */
export interface FlapLimits {
  /** The probe flaps from this score on. */
  readonly above: number
  /** The probe no longer flaps below this score, which is below `above`, and above 0. */
  readonly until: number
}

export interface Address {
  readonly host: string
  /** 1 to 65,535. */
  readonly port: number
}

/** What each kind of ping needs to know of its target. */
export interface PingTargets {
  readonly host: { readonly host: string }
  readonly tcp: Address
  readonly url: { readonly request: RequestSpec; readonly expect: UrlExpectation }
  readonly dns: DnsTarget
  readonly mqtt: MqttTarget
  readonly ntp: Address & {
    /** How far its clock may be from the hub's; absent: any distance. */
    readonly offsetMs?: number
    /** The highest stratum that is good; absent: 15. */
    readonly stratum?: number
  }
  readonly smtp: Address & {
    readonly tls?: TlsFiles
    /** Whether the connection is upgraded by STARTTLS. */
    readonly startTls: boolean
    /** The certificate must be valid for at least this long yet. */
    readonly certificateMs?: number
  }
  readonly webSocket: { readonly request: RequestSpec; readonly protocol?: string }
  /** A unit of systemd, and the values of `ActiveState` that are good. */
  readonly unit: { readonly unit: string; readonly states: readonly string[] }
  /** A program with its arguments, and the exit statuses that are good. */
  readonly command: { readonly argv: readonly string[]; readonly statuses: readonly number[] }
}

export type PingKind = keyof PingTargets
export type TargetOf<Kind extends PingKind> = { readonly kind: Kind } & PingTargets[Kind]
export type PingTarget = { [Kind in PingKind]: TargetOf<Kind> }[PingKind]

export interface UrlExpectation {
  /** Absent: 200 to 399, or 200 to 299 where redirects are followed. */
  readonly status?: readonly number[]
  /** Searched as a regular expression in the first 256 KiB. */
  readonly body?: TextPattern
  /** What must stand in the JSON of the body, by path, such as `queue.length` or `disks.0.state`. */
  readonly json?: Readonly<Record<string, ValueExpectation>>
  /** The certificate must be valid for at least this long yet. */
  readonly certificateMs?: number
}

/** A value that is equal to this, a text that matches, or a number on this side of the limits. */
export type ValueExpectation =
  | { readonly equals: string | number | boolean | null }
  | { readonly matches: TextPattern }
  | { readonly above?: number; readonly below?: number }

export const DNS_RECORDS = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SRV', 'TXT'] as const

export interface DnsTarget {
  readonly name: string
  readonly record: (typeof DNS_RECORDS)[number]
  /** Absent: the servers of this machine. */
  readonly server?: Address
  /** One of the answers must be equal to it, or match; absent: there must be an answer. */
  readonly answer?: Exclude<ValueExpectation, { readonly above?: number }>
}

export interface MqttTarget extends Address {
  /** Present where the connection is encrypted. */
  readonly tls?: TlsFiles
  readonly user?: SecretText
  readonly password?: SecretText
  /** Something must be published on a topic that matches, within this time of the connection. */
  readonly fresh?: { readonly filter: string; readonly withinMs: number }
}

/** The retained message under `<root>/ping/<name>`. */
export interface PingReport {
  readonly state: PingState
  /** The last of `up` and `down` that was reported before this; `unknown` when neither was. */
  readonly previous: CheckedState
  /** When this state began, as an ISO date. */
  readonly since: string
  /** Latency of the check that decided, in milliseconds; `null` when it failed. */
  readonly latencyMs: number | null
  /** Why it is not up; empty when it is. */
  readonly reason: string
  /** The ping that is down, or `hub/network`; only when it is unreachable. */
  readonly mutedBy?: string
}

/** The message under `<root>/ping/<name>/minute`: the checks that ended within a minute. */
export interface PingMinute {
  /** When the minute began, as an ISO date. */
  readonly from: string
  /** Good and failed ones. */
  readonly checks: number
  readonly failed: number
  /** Latencies of the good checks; `null` when there was none. The median is that of the last 256. */
  readonly minMs: number | null
  readonly medianMs: number | null
  readonly maxMs: number | null
}

/** The retained message under `<root>/hub/network`, where there are pings that stand for it. */
export interface NetworkReport {
  readonly state: 'up' | 'down'
  readonly since: string
  readonly references: readonly string[]
  /** Why it is down; empty when it is up. */
  readonly reason: string
}

/** A ping as the hub lists it. */
export interface PingStatus {
  readonly name: string
  /** The other machine whose agent makes the checks. */
  readonly host?: string
  readonly kind: PingKind
  readonly state: PingState
  /** When this state began, as an ISO date; `null` before the first report. */
  readonly since: string | null
  /** Latency of the last good check, in milliseconds; `null` before the first one. */
  readonly latencyMs: number | null
  /** Why it is not up, or why the last check failed; empty when there is nothing to say. */
  readonly reason: string
  /** When the last check ended and when the next one begins, as ISO dates; `null` when there is none. */
  readonly checkedAt: string | null
  readonly nextAt: string | null
  /** The ping that is down, or `hub/network`, because of which it is unreachable; otherwise `null`. */
  readonly mutedBy: string | null
  /** The last check could not be made. */
  readonly isUnable: boolean
}
