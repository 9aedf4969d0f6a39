// Events as files: a line of JSON each, or CSV (RFC 4180).

import type { EventAnswer } from '../api/answers.ts'

export const jsonLines = (events: readonly EventAnswer[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('')

const COLUMNS = ['id', 'at', 'topic', 'payload', 'encoding', 'qos', 'retain', 'origin', 'client'] as const

export const csv = (events: readonly EventAnswer[]): string =>
  [COLUMNS, ...events.map((event) => COLUMNS.map((column) => cellOf(event, column)))]
    .map((cells) => `${cells.map(quoted).join(',')}\r\n`)
    .join('')

function cellOf(event: EventAnswer, column: (typeof COLUMNS)[number]): string {
  if (column === 'payload')
    return event.encoding === 'json' ? JSON.stringify(event.payload) : (event.payload as string)
  const value = event[column]
  return value === null ? '' : String(value)
}

/** A spreadsheet would take a text that begins like this for a formula: a payload is no formula. */
const FORMULA = /^[=+\-@\t\r]/

const quoted = (cell: string): string => {
  const isNumber = cell !== '' && Number.isFinite(Number(cell))
  const safe = FORMULA.test(cell) && !isNumber ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
