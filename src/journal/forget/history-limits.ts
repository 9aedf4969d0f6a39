// The bounds of pruning: the limits of the configuration, and how far one round may reach.

/** How much history is kept. `null` means without limit. */
export interface HistoryLimits {
  readonly keepMs: number | null
  /** The size of the database above which the oldest events are removed, whatever `rules` say. */
  readonly maxBytes: number | null
  /** Limits of their own for some topics: the first filter that matches decides. */
  readonly rules: readonly { readonly filter: string; readonly keepMs: number | null }[]
}

/** Which events a round may remove, as far as the cursor, rules and sessions decide. */
export interface Reach {
  /** The last event that the round looks at. */
  readonly upTo: number
  /** Whether no rule holds the event and no session is owed it. */
  readonly isFree: (id: number, topic: string) => boolean
}

export const KEEP_ALL: HistoryLimits = { keepMs: null, maxBytes: null, rules: [] }
