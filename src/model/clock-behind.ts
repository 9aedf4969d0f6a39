// A wall clock that is behind the time that the journal knows: a machine without a clock of its own starts
// hours or years back, and sets the clock when it has a network. Pure; the journal and the engine reckon with
// the same rules.
//
// "Known time" is the wall clock of the hub that was right, carried on: known = wall + behind. While the
// clock is behind, the time for which no hub ran is not known and counts as none. When the clock is set
// right, it turns out.

/** Less is no clock that was set, but one that was read a little late. */
const SMALLEST_MS = 1_000

/**
 * How far a clock is behind that says `now` at the start of a hub, after one that was last seen alive at
 * `seenAt`.
 */
export function behindAtStart(seenAt: number, behindMs: number, now: number): number {
  const knownAt = seenAt + behindMs
  if (now > knownAt - SMALLEST_MS) return 0
  // A clock that has gone on from where it was is wrong by as much as before.
  return now >= seenAt ? behindMs : knownAt - now
}

/** A hub that began with its clock behind. */
export interface Behind {
  /** When it began, by its clock as that goes now. */
  readonly startedAt: number
  /** 0: the clock is right, as far as anybody knows. */
  readonly behindMs: number
}

/**
 * Moments that were stored before the hub began move by this much when the clock is set right; all others by
 * the whole step.
 */
export interface Earlier {
  /** Moments up to this one, by the clock before it was set, are of a time before the hub began. */
  readonly upToAt: number
  readonly byMs: number
}

/** What setting the clock by `byMs` makes of it. */
export function afterClockSet(
  { startedAt, behindMs }: Behind,
  byMs: number,
): { readonly behind: Behind; readonly earlier?: Earlier } {
  if (behindMs === 0 || byMs <= 0) return { behind: { startedAt: startedAt + byMs, behindMs } }
  if (byMs <= behindMs) return { behind: { startedAt: startedAt + byMs, behindMs: behindMs - byMs } }
  return {
    behind: { startedAt: startedAt + byMs, behindMs: 0 },
    earlier: { upToAt: startedAt, byMs: behindMs },
  }
}
