// What may be forgotten: the limits of the configuration, and how far one round of pruning may reach.

/** How long history is kept. `null` is without end. */
export interface HistoryLimits {
  readonly keepMs: number | null
  /** The oldest events go first, whatever the rules say. */
  readonly maxBytes: number | null
  /** A length of its own for some topics: the first filter that matches counts. */
  readonly rules: readonly { readonly filter: string; readonly keepMs: number | null }[]
}

/** What a round may remove, as far as rules and sessions have a say. */
export interface Reach {
  /** It looks at no event after this one. */
  readonly upTo: number
  readonly isFree: (id: number, topic: string) => boolean
}

export const KEEP_ALL: HistoryLimits = { keepMs: null, maxBytes: null, rules: [] }
