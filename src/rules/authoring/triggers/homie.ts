// `homie('lost')` fires when a device of the Homie convention comes to be in that state, which it says on
// `homie/<device>/$state` (3 and 4) or `homie/5/<device>/$state` (5). An empty `$state` removes the device.
//
// Source: "Device Lifecycle" of the Homie convention 3.0.1, 4.0.0 and 5.0.0.

import type { ConventionOptions } from './availability.ts'
import { stateTrigger, writtenAs } from './said-state.ts'
import type { Trigger } from './trigger.ts'

const HOMIE_STATES = ['init', 'ready', 'disconnected', 'sleeping', 'lost', 'alert'] as const
/** `alert` exists in 3 and 4 only. */
export type HomieState = (typeof HOMIE_STATES)[number]

export interface HomieOptions extends ConventionOptions {
  /** The version of the convention that the devices speak. By default 4, whose topics are those of 3. */
  readonly version?: 3 | 4 | 5
}

/**
 * Fires when a device says one of these states. With `grace` or `flapping`, a rule follows each device: it is
 * away in those of these states that are `lost` or `disconnected`, and here in every other.
 * @param states one or several; `['lost', 'ready']` with `grace` fires for the loss and for the return
 */
export function homie(
  states: HomieState | readonly HomieState[],
  options: HomieOptions = {},
): Trigger<{ readonly device: string }> {
  const { base = 'homie', version = 4 } = options
  const wanted: readonly string[] = typeof states === 'string' ? [states] : states
  const away = wanted.filter((state) => state === 'lost' || state === 'disconnected')
  return stateTrigger(
    {
      text: writtenAs('homie', states, options),
      filter: version === 5 ? `${base}/5/+device/$state` : `${base}/+device/$state`,
      known: HOMIE_STATES,
      gone: away.length > 0 ? away : ['lost', 'disconnected'],
      wanted,
    },
    options,
  )
}
