// One log for all threads: pretty on a terminal, JSON lines otherwise. Each thread writes whole lines
// straight to the descriptor, so nothing is lost when a thread ends.

import { createRequire } from 'node:module'
import { pino, stdTimeFunctions } from 'pino'
import type { LogLevel } from './log-level.ts'

export interface LogOptions {
  readonly level: LogLevel
  /** Coloured lines for a person instead of JSON. */
  readonly pretty: boolean
}

/** A sentence, with its facts beside it: `log.warn({ rule }, 'rules/door.ts: …')`. */
export type Log = Pick<pino.Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error'>

/**
 * Lines that are kept while they cannot be written, as on a disk that is full; what comes beyond that is lost.
 */
const UNWRITTEN_BYTES = 1_048_576

/**
 * A log that cannot be written costs lines and nothing else: the reader has gone (EPIPE), the terminal is closed
 * (EIO), or the disk is full (ENOSPC).
 * @param part the part of the hub that speaks, such as `broker` or `engine`
 */
export function createLog(part: string, options: LogOptions): Log {
  const destination = pino.destination({ fd: 1, sync: true, maxLength: UNWRITTEN_BYTES })
  destination.on('error', () => {})
  const settings = {
    level: options.level,
    base: { part },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  if (!options.pretty) return pino(settings, destination)
  const sentence = sentenceWriter()
  return pino(settings, { write: (line) => destination.write(sentence(line)) })
}

/** Loads thirty files, which a hub without a terminal need not load. */
function sentenceWriter(): (line: string) => string {
  const { prettyFactory } = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty')
  return prettyFactory({ hideObject: true, messageFormat: '{part}: {msg}' })
}

export const silentLog: Log = pino({ level: 'silent' })
