// The moves of one alert: what it becomes when it is raised, resolved, acknowledged or silenced, and when its
// time comes. Each is a legal move of `model/alert.ts`, or none.

import { isOpen, isWorse, NEXT_ALERT_STATES } from '../model/alert.ts'
import type { Alert, AlertState, Labels, Severity } from '../model/alert.ts'

/** What whoever raises an alert says of it. */
export interface Raised {
  readonly title: string
  readonly body: string
  readonly severity: Severity
  readonly labels: Labels
  readonly parent: string | null
  readonly rule: string | null
  /** How long it must go on before anybody is told; 0: at once. */
  readonly pendingMs: number
}

/** When something was said, and by which event. */
export interface Said {
  readonly at: number
  readonly event: number
  readonly cause: Alert['cause']
  /** The key of the step that says so; `null` for one that cannot come twice. */
  readonly step: string | null
}

/** What silences an alert at this moment, as words; `null` for nothing. */
export type SilencedBy = (alert: Alert) => string | null

/** More steps than this are not on their way at one time for one alert. */
const MOST_STEPS = 64

/** Whether a step has said this before: it says so again after a crash that came before its end was written. */
export const isSaidAgain = (alert: Alert | undefined, { step }: Pick<Said, 'step'>): boolean =>
  step !== null && (alert?.saidBy.includes(step) ?? false)

export function raise(
  key: string,
  before: Alert | undefined,
  raised: Raised,
  said: Said,
  silencedBy: SilencedBy,
): Alert {
  const { pendingMs, ...words } = raised
  const { at, event, cause } = said
  const saidBy = withStep(before?.saidBy ?? [], said)
  if (before === undefined || !isOpen(before)) {
    const opened: Alert = {
      ...words,
      key,
      event,
      cause,
      saidBy,
      count: 1,
      incident: (before?.incident ?? 0) + 1,
      // Of a new one that fires at once, the move to that counts.
      flips: (before?.flips ?? 0) + (pendingMs > 0 ? 1 : 0),
      version: (before?.version ?? 0) + 1,
      state: 'pending',
      openedAt: at,
      sinceAt: at,
      raisedAt: at,
      firesAt: at + pendingMs,
      firedAt: null,
      acknowledgedBy: null,
      silencedBy: null,
    }
    return pendingMs > 0 ? opened : fire(opened, at, silencedBy)
  }
  const severity = isWorse(raised.severity, before.severity) ? raised.severity : before.severity
  const alert: Alert = {
    ...before,
    ...words,
    severity,
    event,
    cause,
    saidBy,
    raisedAt: at,
    count: before.count + 1,
    version: before.version + 1,
  }
  if (alert.state === 'pending') return pendingMs > 0 ? alert : fire(alert, at, silencedBy)
  // Whoever has acknowledged a warning has not seen that it is critical by now.
  if (alert.state === 'acknowledged')
    return isWorse(severity, before.severity) ? fire(alert, at, silencedBy) : alert
  return silence(alert, at, silencedBy)
}

/**
 * A new title without a body leaves none, since the old body belongs to the old title.
 * @returns `undefined`: it is not open
 */
export function resolve(
  before: Alert | undefined,
  words: { readonly title?: string | undefined; readonly body?: string | undefined },
  said: Said,
): Alert | undefined {
  if (before === undefined || !isOpen(before)) return undefined
  return {
    ...moved(before, 'resolved', said.at),
    title: words.title ?? before.title,
    body: words.body ?? (words.title === undefined ? before.body : ''),
    event: said.event,
    saidBy: withStep(before.saidBy, said),
  }
}

/** `undefined`: there is nothing to acknowledge. */
export function acknowledge(before: Alert, by: string, at: number): Alert | undefined {
  if (!NEXT_ALERT_STATES[before.state].includes('acknowledged')) return undefined
  return { ...moved(before, 'acknowledged', at), acknowledgedBy: by }
}

/** `undefined`: nobody has acknowledged it. */
export const unacknowledge = (before: Alert, at: number, silencedBy: SilencedBy): Alert | undefined =>
  before.state === 'acknowledged' ? fire(before, at, silencedBy) : undefined

/** Its time as a pending one is over. */
export const fireWhenDue = (before: Alert, at: number, silencedBy: SilencedBy): Alert =>
  before.state === 'pending' && before.firesAt !== null && before.firesAt <= at
    ? fire(before, at, silencedBy)
    : before

/** A silence has begun or ended, or the alert is now one that a silence means. */
export function silence(before: Alert, at: number, silencedBy: SilencedBy): Alert {
  if (before.state !== 'firing' && before.state !== 'silenced') return before
  const by = silencedBy(before)
  if (by === before.silencedBy) return before
  if (by !== null && before.state === 'silenced')
    return { ...before, silencedBy: by, version: before.version + 1 }
  return fire(before, at, silencedBy)
}

function fire(before: Alert, at: number, silencedBy: SilencedBy): Alert {
  const by = silencedBy(before)
  const alert = moved(before, by === null ? 'firing' : 'silenced', at)
  return { ...alert, firedAt: before.firedAt ?? at, silencedBy: by }
}

function moved(before: Alert, state: AlertState, at: number): Alert {
  if (!NEXT_ALERT_STATES[before.state].includes(state))
    throw new Error(`the alert "${before.key}" cannot go from ${before.state} to ${state}`)
  const version = before.version + 1
  const flips = before.flips + 1
  return {
    ...before,
    state,
    version,
    flips,
    sinceAt: at,
    firesAt: null,
    acknowledgedBy: null,
    silencedBy: null,
  }
}

const withStep = (saidBy: readonly string[], { step }: Said): readonly string[] =>
  step === null ? saidBy : [...saidBy, step].slice(-MOST_STEPS)
