// An event as JSON: the one form in which it leaves the hub, in webhooks, on the command line and over HTTP.

import type { Event } from './event.ts'
import { DEEPEST_JSON, isTooDeep } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * The payload as what it is: a JSON value if it parses as one, else text if it is UTF-8, else base64 (and then
 * `encoding` says so). An empty payload is the empty text, and JSON that is nested too deep is text.
 */
export function payloadJson(payload: Uint8Array): { payload: Json; encoding: 'json' | 'text' | 'base64' } {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload)
  } catch {
    return { payload: Buffer.from(payload).toString('base64'), encoding: 'base64' }
  }
  try {
    const value = JSON.parse(text) as Json
    if (text.length <= DEEPEST_JSON || !isTooDeep(value)) return { payload: value, encoding: 'json' }
  } catch {
    // No JSON.
  }
  return { payload: text, encoding: 'text' }
}

/** @param params what the rule's filter captured; left out where no rule is concerned */
export function eventJson(event: Event, params?: Readonly<Record<string, string>>): JsonObject {
  return {
    id: event.id,
    at: new Date(event.at).toISOString(),
    topic: event.topic,
    ...payloadJson(event.payload),
    qos: event.qos,
    retain: event.retain,
    origin: event.origin,
    client: event.client,
    ...(params && { params }),
  }
}

/** The payload for a person to read: its text, or what it is when it is not text. */
export function payloadText(payload: Uint8Array): string {
  const { encoding } = payloadJson(payload)
  return encoding === 'base64'
    ? `(${payload.length} bytes that are no text)`
    : Buffer.from(payload).toString()
}
