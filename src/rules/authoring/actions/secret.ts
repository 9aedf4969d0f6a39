// `secret('NAME')` stands for the value of an environment variable or a file until the step runs. Only
// options made for secrets accept one; as an argument, in a text or in JSON it is refused, by the type
// checker and again when the rule runs.

import type { SecretRef, SecretText } from '../../../model/secret.ts'

/** The symbol is registered by name, so that secrets of a second copy of this package are understood too. */
const SECRET: unique symbol = Symbol.for('vigie.secret')

export interface Secret extends SecretRef {
  readonly [SECRET]: true
}

/**
 * A text that may hold secrets: a secret alone, or among pieces of text, as in `['Bearer ',
 * secret('TOKEN')]`.
 */
export type SecretOrText = string | Secret | readonly (string | Secret)[]

/**
 * Stands for a value that is read when the step runs, from an environment variable or a file, and that is
 * never stored, logged or published.
 * @throws TypeError when the name holds anything but letters, digits, `_`, `.` and `-`
 */
export function secret(name: string): Secret {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) {
    throw new TypeError(
      `secret(${JSON.stringify(name)}): a name is made of letters, digits, _, . and -, and begins with a letter or _`,
    )
  }
  const refuse = (): never => {
    throw new TypeError(
      `secret(${JSON.stringify(name)}) cannot become text here: give it to env, headers, auth or ` +
        'url, where it is read when the step runs',
    )
  }
  return Object.defineProperties({ secret: name } as Secret, {
    [SECRET]: { value: true },
    [Symbol.toPrimitive]: { value: refuse },
    toString: { value: refuse },
    toJSON: { value: refuse },
  })
}

export const isSecret = (value: unknown): value is Secret =>
  typeof value === 'object' && value !== null && SECRET in value

/** Converts a text with secrets to what the plan stores: the names of the secrets, never their values. */
export function secretText(value: SecretOrText): SecretText {
  if (typeof value === 'string') return value
  if (isSecret(value)) return secretRef(value)
  if (!Array.isArray(value)) throw new TypeError(`expected a text or secret('NAME'), got ${kindOf(value)}`)
  return value.map((piece: unknown) => {
    if (typeof piece === 'string') return piece
    if (isSecret(piece)) return secretRef(piece)
    throw new TypeError(`expected a text or secret('NAME') among the pieces, got ${kindOf(piece)}`)
  })
}

export const secretTexts = (
  record: Readonly<Record<string, SecretOrText>>,
): Readonly<Record<string, SecretText>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, secretText(value)]))

export const secretRef = (value: Secret): SecretRef => ({ secret: value.secret })

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value)
