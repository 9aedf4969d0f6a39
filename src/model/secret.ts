// Secrets as data: a name that stands for a value until an action or a ping needs it.

/**
 * A reference to a secret: the value is read when it is needed, and is never stored, logged, shown or
 * published.
 */
export interface SecretRef {
  readonly secret: string
}

/** Text that may hold references to secrets between its pieces. */
export type SecretText = string | SecretRef | readonly (string | SecretRef)[]
