// Events as lines: for a person, as JSON, and as CSV (RFC 4180).

import { localTime } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { eventJson, payloadJson, payloadText } from '../../model/event-json.ts'
import type { Event } from '../../model/event.ts'
import { jsonText } from '../../model/json.ts'
import type { Terminal } from '../frame/command.ts'
import { paintFor } from './paint.ts'

export const jsonLine = (event: Event): string => jsonText(eventJson(event))

export function personLine(terminal: Terminal): (event: Event) => string {
  const paint = paintFor(terminal)
  return (event) => {
    const marks = [event.origin === 'live' ? '' : event.origin, event.retain ? 'retain' : '']
      .filter(Boolean)
      .join(' ')
    const head = `${paint.dim(localTime(event.at))} ${paint.dim(`#${event.id}`)} ${paint.bold(printable(event.topic))}`
    return `${head} ${printable(payloadText(event.payload))}${marks ? paint.dim(` (${marks})`) : ''}`
  }
}

const COLUMNS = ['id', 'at', 'topic', 'payload', 'encoding', 'qos', 'retain', 'origin', 'client'] as const

export const CSV_HEADER = COLUMNS.join(',')

/**
 * A payload that is no text, or that a terminal would obey, stands there as base64, and `encoding` says so.
 */
export function csvLine({ payload: bytes, ...event }: Event): string {
  const { encoding } = payloadJson(bytes)
  const text = Buffer.from(bytes).toString()
  const isText = encoding !== 'base64' && !OBEYED.test(text)
  const row: Readonly<Record<(typeof COLUMNS)[number], string>> = {
    id: `${event.id}`,
    at: new Date(event.at).toISOString(),
    topic: printable(event.topic, Infinity),
    payload: isText ? text : Buffer.from(bytes).toString('base64'),
    encoding: isText ? 'text' : 'base64',
    qos: `${event.qos}`,
    retain: `${event.retain}`,
    origin: event.origin,
    client: printable(event.client ?? '', Infinity),
  }
  return COLUMNS.map((column) => csvCell(row[column])).join(',')
}

/** Line feeds and tabs are what text is made of. */
const OBEYED = /(?![\n\t])[\p{Cc}\u2028\u2029\p{Bidi_Control}]/u

const csvCell = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
