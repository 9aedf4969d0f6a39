// `call(fn)` runs any TypeScript function, async or not. A function cannot be stored: after a restart it is
// found again in the rule, by the same way through `do`, and called again if it had not ended.

import { action } from './action.ts'
import type { Action, ActionOptions, CallFunction } from './action.ts'
import { requireOptions } from './options.ts'

/**
 * Runs a function of yours as a step. Its result is kept as JSON; what it throws is a failure. One attempt of
 * 5 minutes unless options say otherwise. After a crash it may be called again: use `context.key` to
 * recognise that.
 */
export function call(fn: CallFunction, options: ActionOptions = {}): Action {
  if (typeof fn !== 'function')
    throw new TypeError(
      `call: it takes a function, got ${fn === null ? 'null' : typeof fn}; write call(() => work(), ` +
        `{ timeout: '1m' }): the function first, and not called`,
    )
  requireOptions('call', options)
  return action('call', { kind: 'call', fn }, options, { timeout: '5m', attempts: 1 })
}
