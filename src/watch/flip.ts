// A ping's standing, and when it changes. Pure. Counted are checks in a row: `fails` failed ones make it
// down, `recovers` good ones up again, `fails` that could not be made unknown. From unknown it goes back to
// what it was with one check that says so.
//
//   unknown ──good──▶ up ──`fails` × failed──▶ down ──`recovers` × good──▶ up
//      └────────────`fails` × failed────────────▲
//   up, down ──`fails` × unable──▶ unknown

import { jsonIn } from '../model/hub-message.ts'
import type { PingReport, PingSpec, PingState } from '../model/probe.ts'

export interface Standing {
  readonly state: PingState
  /** The state before it became unknown; otherwise the state itself. */
  readonly known: PingState
  /** Checks in a row that speak for up or down, where it is something else. */
  readonly against: number
  /** Checks in a row that could not be made. */
  readonly unable: number
  /** The state was reported; only a ping that is new has none to report. */
  readonly isTold: boolean
}

export type Check =
  | { readonly kind: 'good'; readonly latencyMs: number }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The hub could not check, for a reason of its own: nothing is known of the other side. */
  | { readonly kind: 'unable'; readonly reason: string }

export const UNKNOWN: Standing = { state: 'unknown', known: 'unknown', against: 0, unable: 0, isTold: false }

const SEEN = { good: 'up', failed: 'down', unable: 'unknown' } as const satisfies Record<
  Check['kind'],
  PingState
>

/** The standing after a check, and the report of it if it is another state. */
export function flip(
  standing: Standing,
  check: Check,
  now: number,
  manner: Pick<PingSpec, 'fails' | 'recovers'>,
): { readonly standing: Standing; readonly report: PingReport | null } {
  const seen = SEEN[check.kind]
  const isUnable = check.kind === 'unable'
  const unable = isUnable ? standing.unable + 1 : 0
  const against = isUnable ? standing.against : seen === standing.state ? 0 : standing.against + 1
  if (seen === standing.state && standing.isTold)
    return { standing: { ...standing, against, unable }, report: null }
  if ((isUnable ? unable : against) < neededFor(seen, standing, manner))
    return { standing: { ...standing, against, unable }, report: null }
  return {
    standing: isUnable
      ? { ...standing, state: seen, unable, isTold: true }
      : { state: seen, known: seen, against: 0, unable, isTold: true },
    report: {
      state: seen,
      previous: standing.known,
      since: new Date(now).toISOString(),
      latencyMs: check.kind === 'good' ? check.latencyMs : null,
      reason: check.kind === 'good' ? '' : check.reason,
    },
  }
}

/** The number of checks in a row that make this the state. */
function neededFor(
  seen: PingState,
  { state, known }: Standing,
  { fails, recovers }: Pick<PingSpec, 'fails' | 'recovers'>,
): number {
  if (state === 'unknown' && seen === known) return 1
  if (seen !== 'up') return fails
  return known === 'unknown' ? 1 : recovers
}

/** The standing as it was left in the retained report, so that a restart of the hub is no change. */
export function standingOf({ state, previous }: Partial<PingReport> = {}): Standing {
  if (state === 'up' || state === 'down') return { ...UNKNOWN, state, known: state, isTold: true }
  if (state !== 'unknown') return UNKNOWN
  return { ...UNKNOWN, known: previous === 'up' || previous === 'down' ? previous : 'unknown', isTold: true }
}

/** A retained report as it was left; `undefined` when there is none. */
export const reportIn = (payload: Uint8Array | undefined): Partial<PingReport> | undefined =>
  (jsonIn(payload) as Partial<PingReport> | null | undefined) ?? undefined
