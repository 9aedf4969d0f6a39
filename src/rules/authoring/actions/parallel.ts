// `parallel([…])` runs its steps side by side. It ends when all have ended, and has failed when one of them
// has.

import { action } from './action.ts'
import type { Action, ActionOptions, Item } from './action.ts'
import { list, requireKinds } from './options.ts'

/** Runs actions side by side. The step ends when all have ended, and has failed when one of them has. */
export function parallel(steps: readonly Item[], options: Pick<ActionOptions, 'onFailure'> = {}): Action {
  if (!Array.isArray(steps)) throw new TypeError('parallel: it takes an array of actions')
  requireKinds('parallel', options, { onFailure: list })
  return action('parallel', { kind: 'parallel', steps }, options, { timeout: '0s', attempts: 1 })
}
