// A ping's standing, and when it changes. Pure. Counted are checks in a row: `fails` failed ones make it
// down, `recovers` good ones up again, `fails` that could not be made unknown. From unknown it goes back to
// what it was with one check that says so.
//
//   unknown ──good──▶ up ──`fails` × failed──▶ down ──`recovers` × good──▶ up
//      └────────────`fails` × failed────────────▲
//   up, down ──`fails` × unable──▶ unknown
//
// Two things stand between what the checks say and what is reported. While something that the ping depends
// on is down, a failed check says nothing: the ping is unreachable until its checks have decided anew. And
// when it changes too often it is flapping, and the changes are kept to itself.

import { jsonIn } from '../../model/hub-message.ts'
import type { CheckedState, FlapLimits, PingReport, PingSpec, PingState } from '../../model/probe.ts'
import type { Check } from '../probes/check.ts'

export interface Standing {
  /** What the checks say. */
  readonly state: CheckedState
  /** The state before it became unknown; otherwise the state itself. */
  readonly known: CheckedState
  /** Checks in a row that speak for up or down, where it is something else. */
  readonly against: number
  /** Checks in a row that could not be made. */
  readonly unable: number
  /** What is down, so that the last failed check said nothing of this ping. */
  readonly mutedBy: string | null
  /**
   * It would be down, but for the doubt whether something that it depends on is. That must have answered to a
   * check which began after this moment, on the steady clock.
   */
  readonly heldAt: number | null
  readonly score: number
  readonly isFlapping: boolean
  /** The state of the last report; `null` before the first. */
  readonly told: PingState | null
  /** The last of up and down that was reported. */
  readonly toldKnown: CheckedState
}

/** What is known of all that a ping depends on. */
export type Outlook =
  /** It is up, or nothing speaks against it. */
  | { readonly kind: 'clear' }
  /** It may be down: what failed is to be asked once more. */
  | { readonly kind: 'doubtful' }
  | { readonly kind: 'down'; readonly by: string }

export type FlipSpec = Pick<PingSpec, 'fails' | 'recovers' | 'flapping'>

export const CLEAR: Outlook = { kind: 'clear' }

export const UNKNOWN: Standing = {
  state: 'unknown',
  known: 'unknown',
  against: 0,
  unable: 0,
  mutedBy: null,
  heldAt: null,
  score: 0,
  isFlapping: false,
  told: null,
  toldKnown: 'unknown',
}

const SEEN = { good: 'up', failed: 'down', unable: 'unknown' } as const satisfies Record<
  Check['kind'],
  CheckedState
>

/** What a check leaves of the score: a half after twenty of them. */
const KEPT_OF_SCORE = 2 ** (-1 / 20)
/** The score grows to this many times the limit at most, so that it takes no longer to come down again. */
const HIGHEST_SCORE = 2

export interface Now {
  /** Unix ms. */
  readonly at: number
  /** On the steady clock. */
  readonly steadyAt: number
  /** Of all that the ping depends on. */
  readonly outlook: Outlook
}

/** The standing after a check, and the report of it if there is another state to report. */
export function flip(
  before: Standing,
  check: Check,
  now: Now,
  spec: FlipSpec,
): { readonly standing: Standing; readonly report: PingReport | null } {
  const standing = withScore(counted(before, check, now, spec), before, check, spec.flapping)
  const state = outwardState(standing, spec)
  if (state === null || state === before.told) return { standing, report: null }
  const isKnown = state === 'up' || state === 'down'
  return {
    standing: { ...standing, told: state, toldKnown: isKnown ? state : standing.toldKnown },
    report: {
      state,
      previous: before.toldKnown,
      since: new Date(now.at).toISOString(),
      latencyMs: check.kind === 'good' ? check.latencyMs : null,
      reason: reasonFor(state, standing, check),
      ...(state === 'unreachable' && { mutedBy: standing.mutedBy ?? '' }),
    },
  }
}

function counted(before: Standing, check: Check, { steadyAt, outlook }: Now, spec: FlipSpec): Standing {
  const seen = SEEN[check.kind]
  if (check.kind === 'unable') {
    const unable = before.unable + 1
    const isUnknown = unable >= spec.fails
    return { ...before, unable, ...(isUnknown && { state: seen, mutedBy: null, heldAt: null }) }
  }
  if (check.kind === 'failed' && outlook.kind === 'down')
    return { ...before, against: 0, unable: 0, heldAt: null, mutedBy: outlook.by }
  const isNew = seen !== before.state
  const against = isNew ? before.against + 1 : 0
  if (isNew && against < neededFor(seen, before, spec)) return { ...before, against, unable: 0, heldAt: null }
  // Also where it was down before it was unreachable: that it still is must be as certain.
  if (check.kind === 'failed' && outlook.kind === 'doubtful' && (isNew || before.mutedBy !== null))
    return { ...before, against, unable: 0, heldAt: before.heldAt ?? steadyAt }
  return { ...before, state: seen, known: seen, against: 0, unable: 0, heldAt: null, mutedBy: null }
}

/** How many checks in a row make this the state. */
function neededFor(seen: CheckedState, { state, known }: Standing, { fails, recovers }: FlipSpec): number {
  if (state === 'unknown' && seen === known) return 1
  if (seen !== 'up') return fails
  return known === 'unknown' ? 1 : recovers
}

function withScore(after: Standing, before: Standing, check: Check, limits: FlapLimits | null): Standing {
  if (limits === null || check.kind === 'unable') return after
  const isFlip = before.known !== 'unknown' && after.known !== before.known
  const score = Math.min(before.score * KEPT_OF_SCORE + (isFlip ? 1 : 0), HIGHEST_SCORE * limits.above)
  const isFlapping = before.isFlapping ? score >= limits.until : score >= limits.above
  return { ...after, score, isFlapping }
}

/** What is to be said of it; `null` when its first checks have not decided yet. */
function outwardState(standing: Standing, { fails }: FlipSpec): PingState | null {
  const { mutedBy, state, known, isFlapping, unable, told } = standing
  if (mutedBy !== null) return 'unreachable'
  if (state === 'unknown')
    return told === 'unknown' || unable >= (known === 'unknown' ? 1 : fails) ? state : null
  return isFlapping ? 'flapping' : state
}

function reasonFor(state: PingState, { mutedBy }: Standing, check: Check): string {
  if (state === 'unreachable') return mutedBy === NETWORK ? NETWORK_GONE : `"${mutedBy}" is down`
  if (state === 'flapping') return 'it changes between up and down again and again'
  return check.kind === 'good' ? '' : check.reason
}

/** Stands for the hub's own network where the name of a ping may stand. */
export const NETWORK = 'hub/network'
export const NETWORK_GONE = "the hub's own network is gone: no reference answers"

/** The standing as it was left in the retained report, so that a restart of the hub is no change. */
export function standingOf(report: Partial<PingReport> = {}, flapping: FlapLimits | null = null): Standing {
  const { state = null, mutedBy = '' } = report
  const previous: CheckedState =
    report.previous === 'up' || report.previous === 'down' ? report.previous : 'unknown'
  const left: Standing = { ...UNKNOWN, told: state, toldKnown: previous, known: previous }
  switch (state) {
    case 'up':
    case 'down':
      return { ...left, state, known: state, toldKnown: state }
    case 'unknown':
      return left
    case 'unreachable':
      return { ...left, state: previous, mutedBy }
    case 'flapping':
      if (flapping === null) return { ...left, state: previous }
      return { ...left, state: previous, isFlapping: true, score: flapping.above }
    default:
      return UNKNOWN
  }
}

/** A retained report as it was left; `undefined` when there is none. */
export const reportIn = (payload: Uint8Array | undefined): Partial<PingReport> | undefined =>
  (jsonIn(payload) as Partial<PingReport> | null | undefined) ?? undefined
