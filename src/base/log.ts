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

/** @param part the part of the hub that speaks, such as `broker` or `engine` */
export function createLog(part: string, options: LogOptions): Log {
  const destination = pino.destination({ fd: 1, sync: true })
  const settings = {
    level: options.level,
    base: { part },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return options.pretty ? pino(settings, prettyStream(destination)) : pino(settings, destination)
}

/** Thirty files, which a hub without a terminal need not load. */
function prettyStream(destination: pino.DestinationStream): pino.DestinationStream {
  const { PinoPretty } = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty')
  return PinoPretty({ destination, hideObject: true, messageFormat: '{part}: {msg}' })
}

export const silentLog: Log = pino({ level: 'silent' })
