// `cron('0 7 * * mon-fri')` fires on a schedule. The engine keeps the schedule and publishes each tick under
// `<root>/cron/<rule>/<index>`, so that a tick is in the history and can be replayed like any event.

import { cronCalendar } from '../../../calendar/cron.ts'
import { TRIGGER } from './trigger.ts'
import type { CatchUp, NoParams, Trigger } from './trigger.ts'

export interface CronOptions extends CatchUp {
  /** An IANA time zone such as `'Europe/Paris'`; by default that of the hub. */
  readonly timezone?: string
}

/** The payload of a tick. */
export interface Tick {
  /** The moment that the schedule names, Unix ms. */
  readonly scheduledAt: number
  /** How many ticks were missed for which this one stands; above 0 only with `catchUp`. */
  readonly missed: number
}

/**
 * Fires on a schedule. What happens when the clocks change is described in calendar/cron.ts.
 * @param expression five fields (minute, hour, day, month, weekday), six with seconds in front, or `@daily`
 *   and the like
 */
export const cron = (expression: string, options: CronOptions = {}): Trigger<NoParams, Tick> => ({
  [TRIGGER]: {
    text: `cron(${JSON.stringify(expression)})`,
    filter: ({ root, rule, index }) => `${root}/cron/${rule}/${index}`,
    schedule: {
      expression,
      catchUp: options.catchUp ?? false,
      open: () => cronCalendar(expression, options.timezone),
    },
  },
})
