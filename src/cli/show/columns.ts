// What a terminal has room for: columns as wide as their widest cell, and lines that end at its edge.

import { stripVTControlCharacters } from 'node:util'
import type { Terminal } from '../frame/command.ts'

/** Columns whose cells are padded on the left, as numbers are. */
const NONE: ReadonlySet<number> = new Set()

/** Pads each cell to the widest one of its column. The cells of the columns in `right` are padded on the left. */
export function aligned(rows: readonly (readonly string[])[], right = NONE): string[][] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length))) ?? []
  return rows.map((cells) =>
    cells.map((cell, column) =>
      right.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    ),
  )
}

/**
 * Cuts a line at the edge of the terminal that a person looks at; elsewhere it stays whole. Colours take no room, and end
 * with the line. Each character counts as one column.
 */
export function fitted(line: string, { isTty, columns }: Terminal): string {
  if (!isTty || widthOf(line) <= columns) return line
  let room = columns - 1
  const kept = line.replaceAll(COLOR_OR_CHARACTER, (each) => (isColor(each) || room-- > 0 ? each : ''))
  return `${kept}…`
}

/** How many characters the terminal has room for beside a text that stands on the line: at least a few, at most 200. */
export function roomBeside(text: string, { isTty, columns }: Terminal): number {
  return isTty ? Math.min(MOST, Math.max(LEAST, columns - widthOf(text))) : MOST
}

const LEAST = 10
const MOST = 200

const widthOf = (text: string): number => stripVTControlCharacters(text).length

const ESCAPE = '\u001B'
const COLOR_OR_CHARACTER = new RegExp(String.raw`${ESCAPE}\[[\d;]*m|[^${ESCAPE}]`, 'gu')
const isColor = (text: string): boolean => text.startsWith(ESCAPE)
