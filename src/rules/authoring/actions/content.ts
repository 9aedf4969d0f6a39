// Turns the content that a rule gives to an action into JSON. A secret in it is refused by its own toJSON,
// because content is stored and shown.

import type { Json } from '../../../model/json.ts'
import type { PayloadSpec } from './action.ts'

/** @param name of the action, for messages */
export function jsonOf(name: string, value: unknown): Json {
  const text = JSON.stringify(value, (key, each: unknown) => {
    if (typeof each === 'bigint' || typeof each === 'function' || typeof each === 'symbol')
      throw new TypeError(
        `${name}: ${key === '' ? 'the content' : key} is a ${typeof each}, which JSON cannot hold`,
      )
    return each
  })
  return text === undefined ? null : (JSON.parse(text) as Json)
}

/**
 * Converts a payload to what is sent: text and bytes as they are, nothing as no bytes, everything else as
 * JSON.
 */
export function payloadSpec(name: string, value: unknown): PayloadSpec {
  if (typeof value === 'string') return { text: value }
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') }
  return { text: value === undefined ? '' : JSON.stringify(jsonOf(name, value)) }
}
