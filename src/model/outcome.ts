// The outcome of one attempt of a step. There are three outcomes and no others.

import type { JsonObject } from './json.ts'

export type Outcome =
  /** The attempt succeeded; `result` is kept and given to later steps. */
  | { readonly kind: 'done'; readonly result: JsonObject }
  /**
   * The attempt failed in a way that may pass: it is tried again while attempts are left, not before
   * `afterMs` if given.
   */
  | {
      readonly kind: 'retry'
      readonly reason: string
      readonly result?: JsonObject
      readonly afterMs?: number
    }
  /** The attempt failed for good. */
  | { readonly kind: 'give-up'; readonly reason: string; readonly result?: JsonObject }
