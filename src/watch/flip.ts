// A ping's standing, and when it changes: `fails` failed checks in a row make it down, `recovers` good ones up again. Pure.
//
//   unknown ──good──▶ up ──`fails` × failed──▶ down ──`recovers` × good──▶ up
//      └────────────`fails` × failed────────────▲

import type { PingReport, PingSpec, PingState } from '../model/probe.ts'

export interface Standing {
  readonly state: PingState
  /** Checks in a row that speak for another state. */
  readonly against: number
}

export type Check =
  | { readonly kind: 'good'; readonly latencyMs: number }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The hub could not check, so nothing is known: no standing changes. */
  | { readonly kind: 'unable'; readonly reason: string }

export const UNKNOWN: Standing = { state: 'unknown', against: 0 }

/** The standing after a check, and the report of it if it is another state. */
export function flip(
  standing: Standing,
  check: Check,
  now: number,
  { fails, recovers }: Pick<PingSpec, 'fails' | 'recovers'>,
): { readonly standing: Standing; readonly report: PingReport | null } {
  if (check.kind === 'unable') return { standing, report: null }
  const seen = check.kind === 'good' ? 'up' : 'down'
  if (seen === standing.state) return { standing: { state: seen, against: 0 }, report: null }
  const needed = seen === 'down' ? fails : standing.state === 'unknown' ? 1 : recovers
  // A good check ends the unknown at once, so all that can gather against it are failed ones.
  const against = standing.against + 1
  if (against < needed) return { standing: { ...standing, against }, report: null }
  return {
    standing: { state: seen, against: 0 },
    report: {
      state: seen,
      previous: standing.state,
      since: new Date(now).toISOString(),
      latencyMs: check.kind === 'good' ? check.latencyMs : null,
      reason: check.kind === 'failed' ? check.reason : '',
    },
  }
}

/** The standing as it was left in the retained message, so that a restart of the hub is no change. */
export function standingOf(payload: Uint8Array | undefined): Standing {
  if (!payload || payload.length === 0) return UNKNOWN
  try {
    const { state } = JSON.parse(Buffer.from(payload).toString()) as Partial<PingReport>
    return state === 'up' || state === 'down' ? { state, against: 0 } : UNKNOWN
  } catch {
    return UNKNOWN
  }
}
