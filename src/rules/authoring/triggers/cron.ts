// `cron('0 7 * * mon-fri')`: a moment of the calendar. The engine keeps the schedule and publishes each
// tick under `<root>/cron/<rule>/<index>`, so a tick is in the history and can be replayed like anything
// else.

import { cronCalendar } from '../../../calendar/cron.ts'
import { TRIGGER } from './trigger.ts'
import type { CatchUp, NoParams, Trigger } from './trigger.ts'

export interface CronOptions extends CatchUp {
  /** Such as `'Europe/Paris'`; by default the hub's own. */
  readonly timezone?: string
}

/** The payload of a tick. */
export interface Tick {
  /** The moment that the schedule names, Unix ms. */
  readonly scheduledAt: number
  /** Ticks that were missed, and for which this one stands; only with `catchUp`. */
  readonly missed: number
}

/**
 * @param expression five fields (minute, hour, day, month, weekday), six with seconds in front, or `@daily`
 *   and the like. What
 *   happens when the clocks change is said in calendar/cron.ts.
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
