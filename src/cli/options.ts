// Options that several commands share, and how their texts are read.

import { InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../base/quantities.ts'
import { UserError } from './command.ts'

export const configOption = () =>
  new Option('-c, --config <file>', 'configuration file (default: vigie.config.ts, if there)')
export const dataOption = () =>
  new Option('--data <dir>', 'folder of everything that is kept (default: ./data)')
export const rulesOption = () => new Option('--rules <dir>', 'folder of the rule files (default: ./rules)')
export const jsonOption = () => new Option('--json', 'one JSON object per line')
export const limitOption = () =>
  new Option('-n, --limit <count>', 'at most this many, the newest').default(50).argParser(readCount)
export const momentOption = (flag: string, summary: string) =>
  new Option(flag, `${summary}: an age such as 90m or 7d, or a time such as 2026-11-22T14:00`)
export const portOption = (flag: string, summary: string) => new Option(flag, summary).argParser(readPort)

function readCount(text: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.')
  return count
}

function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new InvalidArgumentError('It must be a port from 0 (any free one) to 65535.')
  return port
}

/** A moment given as an age or as a time, Unix ms; `undefined` when it was not given. */
export function readMoment(text: unknown, now: number): number | undefined {
  if (typeof text !== 'string') return undefined
  const age = /^\d+(\.\d+)?[a-z]+$/.test(text)
  const moment = age ? now - parseAge(text) : Date.parse(text)
  if (!Number.isNaN(moment)) return moment
  throw new UserError(
    `${JSON.stringify(text)} is neither an age such as 90m or 7d nor a time such as 2026-11-22T14:00.`,
  )
}

function parseAge(text: string): number {
  try {
    return parseDuration(text)
  } catch {
    return Number.NaN
  }
}
