// A wall clock that is behind the time that the journal knows: a machine without a clock of its own starts
// hours or years back, and sets the clock when it has a network. Pure; the journal and the engine reckon with
// the same rules.
//
// "Known time" is the wall clock of the hub that was right, carried on: known = wall + behind. While the
// clock is behind, the time for which no hub ran is not known and counts as none. When the clock is set
// right, it turns out.

/** A smaller difference comes from reading the clock a little late, not from a clock that was set. */
const SMALLEST_MS = 1_000

/**
 * Returns by how much the clock is behind when a hub starts at `now`, after a hub that was last seen alive at
 * `seenAt`, with a clock that was `behindMs` behind.
 */
export function behindAtStart(seenAt: number, behindMs: number, now: number): number {
  const knownAt = seenAt + behindMs
  if (now > knownAt - SMALLEST_MS) return 0
  // A clock that has gone on from where it was is wrong by as much as before.
  return now >= seenAt ? behindMs : knownAt - now
}

/** A change of the wall clock: events up to `afterEvent` came `byMs` later than the time that they bear. */
export interface ClockSet {
  readonly afterEvent: number
  readonly byMs: number
}

/** A hub that began with its clock behind. */
export interface Behind {
  /** The moment at which the hub began, by the clock as it shows the time now. */
  readonly startedAt: number
  /** 0: the clock is right, as far as anybody knows. */
  readonly behindMs: number
}

/**
 * Moments stored before the hub began move by this much when the clock is set right; later moments move by
 * the whole change.
 */
export interface Earlier {
  /** Moments up to this one (by the clock before it was set) were stored before the hub began. */
  readonly upToAt: number
  readonly byMs: number
}

/** Returns what is known of the clock once it has been set by `byMs`. */
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
