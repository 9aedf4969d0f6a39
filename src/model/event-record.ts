// An event as a line of a file (JSON Lines), from which it comes back exactly: the bytes of its payload and of its
// properties, its times, where it came from.

import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { ORIGINS } from './event.ts'
import type { Event } from './event.ts'

const whole = z.int().min(0)
const cause = z.strictObject({ event: whole, run: whole.nullable(), depth: whole })

const record = z.object({
  id: whole,
  at: z.iso.datetime().transform((text) => Date.parse(text)),
  topic: z.string().min(1),
  payload: z.unknown(),
  encoding: z.enum(['json', 'text', 'base64']),
  qos: z.literal([0, 1, 2]),
  retain: z.boolean(),
  origin: z.enum(ORIGINS),
  client: z.string().nullable(),
  properties: z.base64().optional(),
  cause: cause.optional(),
})

/** One line, without its end. A payload of JSON stands there as such if it can be written in no other way. */
export function recordLine(event: Event): string {
  const { id, at, topic, payload, qos, retain, origin, client, properties } = event
  return JSON.stringify({
    id,
    at: new Date(at).toISOString(),
    topic,
    ...payloadRecord(payload),
    qos,
    retain,
    origin,
    client,
    ...(properties !== null && { properties: Buffer.from(properties).toString('base64') }),
    ...(event.cause !== null && { cause: event.cause }),
  })
}

/**
 * Reads a line that `recordLine` wrote.
 * @throws RangeError that says what is wrong with it
 */
export function eventFromRecord(line: string): Event {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new RangeError('it is no JSON')
  }
  const parsed = record.safeParse(value)
  if (!parsed.success) throw new RangeError(`it is no recorded message: ${z.prettifyError(parsed.error)}`)
  const { payload, encoding, properties, cause: because, ...rest } = parsed.data
  if (encoding !== 'json' && typeof payload !== 'string') throw new RangeError('its payload is to be a text')
  const bytes = encoding === 'base64' ? Buffer.from(String(payload), 'base64') : undefined
  return {
    ...rest,
    payload: bytes ?? Buffer.from(encoding === 'json' ? JSON.stringify(payload) : String(payload)),
    properties: properties === undefined ? null : Buffer.from(properties, 'base64'),
    cause: because ?? null,
    recorded: true,
  }
}

function payloadRecord(payload: Uint8Array): { readonly payload: unknown; readonly encoding: string } {
  const bytes = Buffer.from(payload)
  if (!isUtf8(bytes)) return { payload: bytes.toString('base64'), encoding: 'base64' }
  const text = bytes.toString()
  try {
    const value: unknown = JSON.parse(text)
    if (JSON.stringify(value) === text) return { payload: value, encoding: 'json' }
  } catch {
    // The payload is no JSON.
  }
  return { payload: text, encoding: 'text' }
}
