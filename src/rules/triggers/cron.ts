// `cron('0 7 * * mon-fri')`: a moment of the calendar. The engine keeps the schedule and publishes each tick under
// `<root>/cron/<rule>/<index>`, so a tick is in the history and can be replayed like anything else.

import { TRIGGER } from './trigger.ts'
import type { CronOptions, NoParams, Place, Trigger } from './trigger.ts'

/** The payload of a tick. */
export interface Tick {
  /** The moment that the schedule names, Unix ms. */
  readonly scheduledAt: number
  /** Ticks that fell into a time when the hub was down, and for which this one stands. */
  readonly missed: number
}

export const cron = (expression: string, options: CronOptions = {}): Trigger<NoParams, Tick> => ({
  [TRIGGER]: {
    text: `cron(${JSON.stringify(expression)})`,
    filter: tickTopic,
    cron: { ...options, expression },
  },
})

const tickTopic = ({ root, rule, index }: Place): string => `${root}/cron/${rule}/${index}`
