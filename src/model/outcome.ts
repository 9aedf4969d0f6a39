// How one attempt of a step ended. There are three endings and no others.

import type { JsonObject } from './json.ts'

export type Outcome =
  /** It worked; `result` is kept and given to later steps. */
  | { readonly kind: 'done'; readonly result: JsonObject }
  /** It failed in a way that may pass: tried again while attempts are left, not before `afterMs` if given. */
  | {
      readonly kind: 'retry'
      readonly reason: string
      readonly result?: JsonObject
      readonly afterMs?: number
    }
  /** It failed for good. */
  | { readonly kind: 'give-up'; readonly reason: string; readonly result?: JsonObject }
