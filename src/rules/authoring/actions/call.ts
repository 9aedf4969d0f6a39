// `call(fn)`: any TypeScript, async or not. The function cannot be kept: after a restart it is found again in
// the rule, by the same way through `do`, and called anew if it had not ended.

import { action } from './action.ts'
import type { Action, ActionOptions, CallFunction } from './action.ts'
import { requireOptions } from './options.ts'

export function call(fn: CallFunction, options: ActionOptions = {}): Action {
  if (typeof fn !== 'function')
    throw new TypeError(
      `call: it takes a function, got ${fn === null ? 'null' : typeof fn}; write call(() => work(), { timeout: '1m' }): the function first, and not called`,
    )
  requireOptions('call', options)
  return action('call', { kind: 'call', fn }, options, { timeout: '5m', attempts: 1 })
}
