// The payload of a command about an alert or a rule: a JSON object, and what is wrong with one in words.

import { z } from 'zod'
import { nearMiss } from '../base/near-miss.ts'
import { printable } from '../base/printable.ts'
import { parseDuration } from '../base/quantities.ts'
import { jsonIn } from './hub-message.ts'

/** The object in a payload; an empty payload says nothing more than the topic does. */
export function commandPayload(payload: Uint8Array): object | undefined {
  if (payload.length === 0) return {}
  const value = jsonIn(payload)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

const CENTURY_MS = 36_525 * 86_400_000

/**
 * A length of time with its unit; the schema gives milliseconds. At most a hundred years: what begins now
 * ends at a moment that `Date` can hold.
 */
export const lengthMs = z.string().transform((text, context) => {
  try {
    return lengthIn(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as RangeError).message })
    return z.NEVER
  }
})

function lengthIn(text: string): number {
  const length = parseDuration(text)
  if (length <= CENTURY_MS) return length
  throw new RangeError(`${JSON.stringify(printable(text))} is longer than a hundred years.`)
}

/** What is wrong, as the end of a sentence. */
export const payloadProblems = (
  { issues }: z.core.$ZodError,
  namesAt: (path: readonly PropertyKey[]) => readonly string[],
): string => issues.map((issue) => payloadProblem(issue, namesAt(issue.path))).join('; ')

/** @param names those that could stand where an unknown one does */
function payloadProblem(issue: z.core.$ZodIssue, names: readonly string[]): string {
  const where = z.core.toDotPath(issue.path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .map((key) => {
        const meant = nearMiss(key, names)
        const hint = meant === undefined ? '' : `; did you mean ${meant}?`
        return `${where === '' ? '' : `${where}.`}${printable(key)} means nothing here${hint}`
      })
      .join('; ')
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined
  if (isMissing) return `${where} is missing`
  return `${where}: ${issue.message.replace(/\.$/, '')}`
}
