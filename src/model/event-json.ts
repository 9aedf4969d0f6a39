// An event as JSON: the one form in which it leaves the hub, in webhooks, on the command line and over HTTP.
// A payload that is JSON is passed on as the text that came; `jsonText` writes the whole.

import type { Event } from './event.ts'
import { DEEPEST_JSON, isTooDeep, JsonText } from './json.ts'
import type { Json } from './json.ts'
import type { RetainedMessage } from './store.ts'
import { traceOf } from './trace.ts'

/** A payload as JSON, text or base64. */
type PayloadJson =
  | { readonly payload: JsonText; readonly encoding: 'json' }
  | { readonly payload: string; readonly encoding: 'text' | 'base64' }

/**
 * The payload in its natural form: JSON if it parses as JSON, else text if it is UTF-8, else base64 (and then
 * `encoding` says so). An empty payload is the empty text. JSON that is nested too deep is text. JSON is
 * given on one line: line feeds and tabs between its parts become spaces.
 */
export function payloadJson(payload: Uint8Array): PayloadJson {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload)
  } catch {
    return { payload: Buffer.from(payload).toString('base64'), encoding: 'base64' }
  }
  try {
    const value = JSON.parse(text) as Json
    if (text.length <= DEEPEST_JSON || !isTooDeep(value))
      return { payload: new JsonText(text.replaceAll(/[\t\n\r]+/g, ' ')), encoding: 'json' }
  } catch {
    // The payload is not JSON.
  }
  return { payload: text, encoding: 'text' }
}

/**
 * Returns the event as a plain object; `jsonText` writes it.
 * @param params what the rule's filter captured; left out where no rule is concerned
 */
export function eventJson(
  event: Event,
  params?: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const trace = traceOf(event.properties)
  return {
    id: event.id,
    at: new Date(event.at).toISOString(),
    topic: event.topic,
    ...payloadJson(event.payload),
    qos: event.qos,
    retain: event.retain,
    origin: event.origin,
    client: event.client,
    ...(trace && { traceparent: trace.parent }),
    ...(params && { params }),
  }
}

/** To be written with `jsonText`. */
export const retainedJson = ({ topic, event, at, payload, qos }: RetainedMessage) => ({
  topic,
  ...payloadJson(payload),
  qos,
  at: new Date(at).toISOString(),
  event,
})

/** The payload for a person to read: its text, or what it is when it is not text. */
export function payloadText(payload: Uint8Array): string {
  const { encoding } = payloadJson(payload)
  return encoding === 'base64'
    ? `(${payload.length} bytes that are no text)`
    : Buffer.from(payload).toString()
}

/** The payload as a JavaScript value: its JSON, parsed; otherwise its text or base64. */
export function payloadValue(bytes: Uint8Array): Json {
  const { payload } = payloadJson(bytes)
  return payload instanceof JsonText ? payload.parse() : payload
}
