// How long a client stayed, and was away, from the changes of its presence.

import type { PresenceChange } from '../api/answers.ts'

export interface Stay extends PresenceChange {
  /** How long it was so; `null` while it still is. */
  readonly lengthMs: number | null
}

/** @param changes newest first */
export const staysOf = (changes: readonly PresenceChange[]): readonly Stay[] =>
  changes.map((change, index) => {
    const next = changes[index - 1]
    return Object.assign({ lengthMs: next === undefined ? null : next.at - change.at }, change)
  })
