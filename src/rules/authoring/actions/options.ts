// Checks the options of actions. TypeScript checks the same, but a payload without a schema, or a rule in
// plain JavaScript, can put any value anywhere; here it is refused at once, with a sentence that names the
// action and the key.

import { parseDuration } from '../../../base/quantities.ts'
import { show } from '../../../base/show.ts'
import { unknownKey } from '../../validate/leaf.ts'
import { isHost } from '../host.ts'
import { isSecret } from './secret.ts'

export interface Kind {
  /** The rest of "expected …". */
  readonly expected: string
  readonly test: (value: unknown) => boolean
}
/** The known keys, and the kind of value that each accepts. */
export type Kinds = Readonly<Record<string, Kind>>

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isSecretOrText = (value: unknown): boolean =>
  isText(value) ||
  isSecret(value) ||
  (Array.isArray(value) && value.every((piece) => isText(piece) || isSecret(piece)))

export const text: Kind = { expected: 'a text', test: isText }
export const name: Kind = {
  expected: 'a text that is not empty',
  test: (value) => isText(value) && value !== '',
}
export const flag: Kind = { expected: 'true or false', test: (value) => typeof value === 'boolean' }
export const list: Kind = { expected: 'an array', test: Array.isArray }
export const json: Kind = { expected: 'what JSON can hold', test: () => true }
export const object: Kind = { expected: 'an object', test: isObject }
export const pattern: Kind = {
  expected: 'a regular expression such as /ok/',
  test: (value) => value instanceof RegExp,
}
export const secretOrText: Kind = {
  expected: "a text, secret('NAME'), or an array of these",
  test: isSecretOrText,
}
export const secretOnly: Kind = { expected: "secret('NAME')", test: isSecret }
export const status: Kind = {
  expected: 'an HTTP status or an array of them',
  test: (value) =>
    [value]
      .flat()
      .every((each) => Number.isInteger(each) && (each as number) >= 100 && (each as number) < 600),
}

/** The option `on` of what may happen on another machine. */
export const onHost: Kind = { expected: "host('name')", test: isHost }

export const oneOf = (...choices: readonly (string | number)[]): Kind => ({
  expected: choices.map((choice) => (isText(choice) ? `'${choice}'` : choice)).join(' or '),
  test: (value) => choices.includes(value as string),
})

export const whole = (least: number): Kind => ({
  expected: `a whole number from ${least} up`,
  test: (value) => Number.isInteger(value) && (value as number) >= least,
})

/** @param isNone whether a length of zero is accepted */
export const duration = (isNone: boolean): Kind => ({
  expected: "a duration such as '250ms', '30s', '5m' or '7d'",
  test: (value) => {
    try {
      return isText(value) && parseDuration(value) >= (isNone ? 0 : 1)
    } catch {
      return false
    }
  },
})

/** An object whose values are all of a kind. */
export const record = (each: Kind): Kind => ({
  expected: `an object in which each value is ${each.expected}`,
  test: (value) => isObject(value) && Object.values(value).every((one) => each.test(one)),
})

const MANNER: Kinds = { timeout: duration(false), retry: object, onFailure: list }
const RETRY: Kinds = { attempts: whole(1), min: duration(true), max: duration(true) }

/**
 * Throws a TypeError for an option that is not as it must be. A key that is undefined counts as not given.
 * @param owner for the message: `webhook`, `webhook: expect`
 */
export function requireKinds(owner: string, options: unknown, kinds: Kinds): void {
  if (!isObject(options)) throw new TypeError(`${owner}: expected an object, got ${show(options)}`)
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue
    const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined
    if (kind === undefined) throw new TypeError(`${owner}: ${unknownKey(key, Object.keys(kinds))}`)
    if (!kind.test(value))
      throw new TypeError(`${owner}: ${key}: expected ${kind.expected}, got ${show(value)}`)
  }
}

/** Throws a TypeError for options that are not as they must be, including those that every action takes. */
export function requireOptions(owner: string, options: unknown, kinds: Kinds = {}): void {
  requireKinds(owner, options, { ...kinds, ...MANNER })
  const { retry } = options as { readonly retry?: unknown }
  if (retry !== undefined) requireKinds(`${owner}: retry`, retry, RETRY)
}
