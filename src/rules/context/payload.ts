// The payload of an event as a rule sees it. It is parsed when a rule reads it, never before.

import { createHash } from 'node:crypto'
import type { Json } from '../../model/json.ts'
import { printable } from '../../base/printable.ts'
import { describeIssues } from '../validate/schema.ts'
import type { Schema } from '../validate/schema.ts'
import { ignoreRejection } from './user-code.ts'

/** The text of a payload; bytes that are no UTF-8 show as U+FFFD. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

/**
 * The JSON value when the text is JSON, otherwise the text: `21.5` is a number, `ON` a text, nothing at all
 * the empty text.
 */
export function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

export type Checked =
  | { readonly accepted: true; readonly value: unknown }
  | { readonly accepted: false; readonly reason: string }

/**
 * Asks the schema about JSON-or-text. A bare number or word such as `1`, `true` or `null` that it rejects is
 * offered once more as the text it is on the wire, so that `z.enum(['0', '1'])` means what it says.
 */
export function checkPayload(schema: Schema, text: string): Checked {
  const value = jsonOrText(text)
  const first = ask(schema, value)
  if (first.accepted || !isBareWord(value)) return first
  const second = ask(schema, text)
  return second.accepted ? second : first
}

const isBareWord = (value: Json): boolean =>
  value === null || typeof value === 'number' || typeof value === 'boolean'

function ask(schema: Schema, value: unknown): Checked {
  const answer = schema['~standard'].validate(value)
  if (answer instanceof Promise) {
    ignoreRejection(answer)
    throw new TypeError(
      'the payload schema answers with a promise; rules decide at once: take async refinements and ' +
        'transforms out of it, and look things up in an action',
    )
  }
  return answer.issues === undefined
    ? { accepted: true, value: answer.value }
    : { accepted: false, reason: printable(describeIssues(answer.issues), 500) }
}

const LONGEST_FINGERPRINT = 64

/**
 * A short text that is the same for equal values and different for others: the value itself, or its digest
 * when it is long.
 */
export function fingerprint(value: unknown): string {
  return shortened(JSON.stringify(canonical(value)) ?? 'undefined')
}

/** The text itself, or its digest when it is long: what is remembered of it is written with each event. */
export const shortened = (text: string): string =>
  text.length <= LONGEST_FINGERPRINT ? text : `#${createHash('sha256').update(text).digest('base64url')}`

function canonical(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toJSON()
  if (value instanceof Map || value instanceof Set) return canonical([...value])
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, canonical(each)]),
  )
}
