// How far a command has come, read off the last lines of its output. Pure.

import { stripVTControlCharacters } from 'node:util'

export interface Progress {
  readonly line: string
  /** 0 to 100; `null` where the line does not say it. */
  readonly percent: number | null
}

/** A line that says a percentage: `Transferred: 42 %`. */
export const PERCENTAGE = /(?<percent>\d{1,3}(?:\.\d+)?) ?%/

/** Characters of a line that are told. */
const LINE = 200

/**
 * The last line that matches. A carriage return ends a line, too: so progress bars are drawn.
 * @param pattern its group `percent`, or its first one, is the percentage
 */
export function progressIn(text: string, pattern: RegExp): Progress | undefined {
  for (const raw of text.split(/[\r\n]+/).toReversed()) {
    const line = stripVTControlCharacters(raw).trim()
    const found = pattern.exec(line)
    if (found !== null) return { line: line.slice(0, LINE), percent: percentOf(found) }
  }
  return undefined
}

function percentOf({ groups, 1: first }: RegExpExecArray): number | null {
  const percent = Number.parseFloat(groups?.['percent'] ?? first ?? '')
  return percent >= 0 && percent <= 100 ? percent : null
}
