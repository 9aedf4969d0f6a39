// The settings of channels: the leaves that their schemas are made of, and the sentence for what is wrong.

import { z } from 'zod'
import { nearMiss } from '../base/near-miss.ts'
import { show } from '../base/show.ts'
import { channelSpec } from '../model/channel.ts'
import type { ChannelSpec } from '../model/channel.ts'
import type { JsonObject } from '../model/json.ts'
import { isSecretRef, SECRET_SENTENCE } from '../model/secret.ts'
import type { SecretRef, SecretText } from '../model/secret.ts'

/** Makes the constructor of a kind. It throws a TypeError whose sentence names the kind and the options. */
export const constructorOf =
  <Schema extends z.ZodObject>(kind: string, schema: Schema) =>
  (options: z.input<Schema>): ChannelSpec => {
    const parsed = schema.safeParse(options)
    if (parsed.success) return channelSpec(kind, parsed.data as JsonObject)
    const problems = parsed.error.issues.map((issue) => describe(issue, Object.keys(schema.shape)))
    throw new TypeError(`${kind}({ … }): ${problems.join('; ')}`)
  }

function describe(issue: z.core.$ZodIssue, known: readonly string[]): string {
  const path = z.core.toDotPath(issue.path)
  if (issue.code !== 'unrecognized_keys') return path ? `${path}: ${issue.message}` : issue.message
  const isInside = issue.path.length > 0
  return issue.keys
    .map((key) => {
      const meant = isInside ? undefined : nearMiss(key, known)
      const hint = meant === undefined ? `there are: ${known.join(', ')}` : `did you mean "${meant}"?`
      return `there is no option "${isInside ? `${path}.${key}` : key}"${isInside ? '' : `; ${hint}`}`
    })
    .join('; ')
}

export const leaf = <T>(expected: string, test: (value: unknown) => boolean) =>
  z.custom<T>(test, { error: ({ input }) => `expected ${expected}, got ${show(input)}` })

export const text = leaf<string>('a text', (value) => typeof value === 'string' && value !== '')
export const flag = leaf<boolean>('true or false', (value) => typeof value === 'boolean')
export const texts = leaf<readonly string[]>(
  'an array of texts',
  (value) => Array.isArray(value) && value.length > 0 && value.every((each) => text.safeParse(each).success),
)
export const record = <Value extends z.core.$ZodType>(value: Value) =>
  z.record(z.string(), value, { error: ({ input }) => `expected an object, got ${show(input)}` })
export const whole = (least: number, most: number) =>
  leaf<number>(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  )

/**
 * A text that may hold a password where none belongs: what was given instead is not shown.
 * @param expected the rest of "expected …"
 */
export const unshown = (expected: string, test: (value: string) => boolean) =>
  z.custom<string>((value) => typeof value === 'string' && test(value), `expected ${expected}`)

/** The address of a server; a path may follow it. It shows in messages, so it holds no password. */
export const address = unshown(
  "an address such as 'https://push.example.org', without a password",
  (value) => {
    const url = URL.parse(value)
    return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  },
).transform((url) => url.replace(/\/+$/, ''))

const isPiece = (value: unknown): boolean => (typeof value === 'string' && value !== '') || isSecretRef(value)
const isSecretText = (value: unknown): boolean =>
  isPiece(value) || (Array.isArray(value) && value.length > 0 && value.every(isPiece))

/** Only the name of a secret goes on. */
const named = (piece: string | SecretRef): string | SecretRef =>
  typeof piece === 'string' ? piece : { secret: piece.secret }
const namesOnly = (value: SecretText): SecretText =>
  typeof value === 'string' || isSecretRef(value) ? named(value) : value.map(named)

/** A text that may be a secret, or hold some. What was given instead is not shown: it may be one. */
export const secretText = z
  .custom<SecretText>(isSecretText, "expected a text, secret('NAME'), or an array of these")
  .transform(namesOnly)

/** What must not stand in the configuration: a secret, or pieces of a text of which one is. */
export const secretOnly = z
  .custom<Exclude<SecretText, string>>(
    (value) => isSecretText(value) && (Array.isArray(value) ? value.some(isSecretRef) : isSecretRef(value)),
    SECRET_SENTENCE,
  )
  .transform(namesOnly)

/** One text of several pieces, of which some are secrets. */
export const joined = (...parts: readonly SecretText[]): SecretText =>
  parts.flatMap((part) => (typeof part === 'string' || isSecretRef(part) ? [part] : part))
