// What one check of a target says.

export type Check =
  | { readonly kind: 'good'; readonly latencyMs: number }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The hub could not check, for a reason of its own: nothing is known of the other side. */
  | { readonly kind: 'unable'; readonly reason: string }
