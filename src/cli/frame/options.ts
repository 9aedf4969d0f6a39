// Options that several commands share, and how their texts are read.

import { InvalidArgumentError, Option } from 'commander'
import { localSecond } from '../../base/local-time.ts'
import { parseMoment } from '../../base/moment.ts'
import { messageOf } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import { UserError } from './command.ts'

export const configOption = () =>
  new Option(
    '-c, --config <file>',
    'configuration file (default: vigie.config.ts, if there, else $VIGIE_CONFIG)',
  )
export const dataOption = () => new Option('--data <dir>', 'data folder (default: ./data)')
export const rulesOption = () => new Option('--rules <dir>', 'folder of the rule files (default: ./rules)')
export const jsonOption = () => new Option('--json', 'one JSON object per line')
export const limitOption = () =>
  new Option('-n, --limit <count>', 'at most this many, the newest').default(50).argParser(readCount)
export const countOption = (flag: string, summary: string) => new Option(flag, summary).argParser(readCount)
export const qosOption = () =>
  new Option('-q, --qos <qos>', 'quality of service').default(1).argParser((text) => {
    if (/^[012]$/.test(text)) return Number(text)
    throw new InvalidArgumentError('It must be 0, 1 or 2.')
  })
export const momentOption = (flag: string, summary: string) =>
  new Option(flag, `${summary}: an age (90m, 7d), a day (2026-11-22) or a time (2026-11-22T14:00)`)
export const portOption = (flag: string, summary: string) => new Option(flag, summary).argParser(readPort)

function readCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.')
  return count
}

function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new InvalidArgumentError('It must be a port from 0 (any free one) to 65535.')
  return port
}

/**
 * The moment that an option names.
 * @returns Unix ms; `undefined` when the option was not given
 */
export function readMoment(text: unknown, now: number): number | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return parseMoment(text, now)
  } catch (error) {
    throw new UserError(messageOf(error))
  }
}

export interface Span {
  readonly since: number | undefined
  readonly until: number | undefined
}

/** What `--since` and `--until` say, which have to be in this order. */
export function readSpan({ since, until }: Readonly<Record<string, unknown>>, now: number): Span {
  const span = { since: readMoment(since, now), until: readMoment(until, now) }
  if (span.since !== undefined && span.until !== undefined && span.since > span.until)
    throw new UserError(
      `--since (${localSecond(span.since)}) is later than --until (${localSecond(span.until)}).`,
    )
  return span
}

/** The length that an option gives, such as `30s`, in milliseconds. */
export function readLength(flag: string, text: unknown): number {
  try {
    return parseDuration(String(text))
  } catch (error) {
    throw new UserError(`${flag}: ${messageOf(error)}`)
  }
}
