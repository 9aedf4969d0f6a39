// The leaves of a declaration: each says what it expects in the words of the rule language, and what it got.

import { z } from 'zod'
import { nearMiss } from '../../base/near-miss.ts'
import { parseDuration, parseSize } from '../../base/quantities.ts'
import { show } from '../../base/show.ts'

export const leaf = <T>(expected: string, test: (value: unknown) => boolean) =>
  z.custom<T>(test, { error: ({ input }) => `expected ${expected}, got ${show(input)}` })

export const duration = leaf<string>("a duration such as '250ms', '30s', '5m' or '7d'", parses(parseDuration))
export const size = leaf<string>("a size such as '64KiB' or '2GiB'", parses(parseSize))
export const flag = leaf<boolean>('true or false', (value) => typeof value === 'boolean')
export const text = leaf<string>('a text', (value) => typeof value === 'string' && value !== '')
export const number = leaf<number>('a number', Number.isFinite)
export const fn = leaf<(...args: never[]) => unknown>('a function', (value) => typeof value === 'function')
export const pattern = leaf<RegExp>('a regular expression such as /ok/', (value) => value instanceof RegExp)

export const count = (most = Number.MAX_SAFE_INTEGER) =>
  leaf<number>(
    most === Number.MAX_SAFE_INTEGER ? 'a whole number from 1 up' : `a whole number from 1 to ${most}`,
    (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most,
  )

export const oneOf = <const T extends string>(names: readonly T[]) =>
  leaf<T>(names.map((name) => `'${name}'`).join(' or '), (value) => names.includes(value as T))

/** `[3, '10m']` */
export const pair = <A, B>(expected: string, first: z.ZodType<A>, second: z.ZodType<B>) =>
  leaf<readonly [A, B]>(
    expected,
    (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      first.safeParse(value[0]).success &&
      second.safeParse(value[1]).success,
  )

/** @param known the keys that there are */
export function unknownKey(unknown: string, known: readonly string[]): string {
  const meant = nearMiss(unknown, known)
  const hint = meant === undefined ? `there are: ${known.join(', ')}` : `did you mean \`${meant}\`?`
  return `there is no key \`${unknown}\`; ${hint}`
}

function parses(parse: (text: string) => number) {
  return (value: unknown): boolean => {
    try {
      return typeof value === 'string' && parse(value) > 0
    } catch {
      return false
    }
  }
}
