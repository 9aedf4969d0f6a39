// `secret('NAME')`: stands for the value of an environment variable or a file until the step runs. It fits
// only where an action takes one; as an argument, in a text or in JSON it is refused, by the type checker and
// again when the rule runs.

import type { SecretRef, SecretText } from '../../../model/secret.ts'

/** By name, so that a second copy of this package is understood too. */
const SECRET: unique symbol = Symbol.for('vigie.secret')

export interface Secret extends SecretRef {
  readonly [SECRET]: true
}

/** Where a secret may stand: alone, or among pieces of text, as in `['Bearer ', secret('TOKEN')]`. */
export type SecretOrText = string | Secret | readonly (string | Secret)[]

export function secret(name: string): Secret {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) {
    throw new TypeError(
      `secret(${JSON.stringify(name)}): a name is made of letters, digits, _, . and -, and begins with a letter or _`,
    )
  }
  const refuse = (): never => {
    throw new TypeError(
      `secret(${JSON.stringify(name)}) cannot become text here: give it to env, headers, auth or url, where it is read when the step runs`,
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

/** As the plan keeps it: names, no objects of ours. */
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
