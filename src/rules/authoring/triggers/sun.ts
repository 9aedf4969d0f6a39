// `sun('sunset', { offset: '-30m' })` fires at a time of the sun, every day. The engine keeps the schedule
// and publishes each tick under `<root>/sun/<rule>/<index>`, as for `cron`.

import { parseOffset, SUN_EVENTS, sunCalendar } from '../../../calendar/sun.ts'
import type { Offset, SunEvent } from '../../../calendar/sun.ts'
import type { Tick } from './cron.ts'
import { placeOf } from '../place.ts'
import type { LatitudeLongitude } from '../place.ts'
import { TRIGGER } from './trigger.ts'
import type { CatchUp, NoParams, Trigger } from './trigger.ts'

export interface SunOptions extends CatchUp {
  /**
   * `[latitude, longitude]` in degrees, north and east positive; by default the place of the configuration.
   */
  readonly place?: LatitudeLongitude
  /** How much earlier (`'-30m'`) or later (`'30m'`) it fires, at most 12 hours. */
  readonly offset?: Offset
}

/**
 * Fires at a time of the sun, every day. In places where the sun does not rise or set for weeks, it does not
 * fire in that time.
 */
export function sun(event: SunEvent, options: SunOptions = {}): Trigger<NoParams, Tick> {
  const { offset, place } = options
  const expression = offset === undefined ? event : `${event} ${offset}`
  return {
    [TRIGGER]: {
      text: `sun(${JSON.stringify(expression)})`,
      filter: ({ root, rule, index }) => `${root}/sun/${rule}/${index}`,
      schedule: {
        expression,
        catchUp: options.catchUp ?? false,
        open: (hubPlace) => {
          if (!SUN_EVENTS.includes(event))
            throw new RangeError(`expected ${SUN_EVENTS.join(', ')}, got ${JSON.stringify(event)}`)
          const where = place === undefined ? hubPlace : placeOf(place)
          return sunCalendar(event, where, offset === undefined ? 0 : parseOffset(offset))
        },
      },
    },
  }
}
