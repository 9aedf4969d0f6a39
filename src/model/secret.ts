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

/** Why a text that is no reference is refused; it does not show what was given, which may be the secret. */
export const SECRET_SENTENCE =
  "is a secret: write secret('NAME'), and put the value into the variable NAME or into a file"

export const isSecretRef = (value: unknown): value is SecretRef =>
  typeof value === 'object' && value !== null && typeof (value as Partial<SecretRef>).secret === 'string'
