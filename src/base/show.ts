// A value in a sentence about a mistake: "expected a number, got {"every":"5 minutes"}".

import { printable } from './printable.ts'

/** A value as its author might have written it, in at most 80 characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (value instanceof RegExp) return String(value)
  try {
    return printable(JSON.stringify(value) ?? typeof value, 80)
  } catch {
    return 'an object'
  }
}
