/**
 * The log levels, from everything to nothing. They stand apart from the log, so that the configuration can
 * name them without loading it.
 */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
