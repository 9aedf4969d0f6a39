// One log for all threads: pretty on a terminal, JSON lines otherwise. Each thread writes whole lines
// straight to the descriptor, so nothing is lost when a thread ends.

import { pino, stdTimeFunctions } from 'pino'
import { PinoPretty } from 'pino-pretty'
import type { LogLevel } from './log-level.ts'

export interface LogOptions {
  readonly level: LogLevel
  /** Coloured lines for a person instead of JSON. */
  readonly pretty: boolean
}

/** A sentence, with its facts beside it: `log.warn({ rule }, 'rules/door.ts: …')`. */
export type Log = Pick<pino.Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error'>

/** @param part the part of the hub that speaks, such as `broker` or `engine` */
export function createLog(part: string, options: LogOptions): Log {
  const destination = pino.destination({ fd: 1, sync: true })
  const settings = {
    level: options.level,
    base: { part },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return options.pretty
    ? pino(settings, PinoPretty({ destination, hideObject: true, messageFormat: '{part}: {msg}' }))
    : pino(settings, destination)
}

export const silentLog: Log = pino({ level: 'silent' })
