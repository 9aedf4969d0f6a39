// The shared subscription of another broker at which this hub works, as far as rules are concerned.

export interface Attachment {
  readonly filters: readonly string[]
  /** `by-topic`: all messages of a topic come to one member of the group. */
  readonly dispatch: 'any' | 'by-topic'
}
