// Errors that code of the user throws when nobody is waiting: in a timer of its own, in a promise that it forgot. They are told
// and harm nobody. The hub's own errors end the thread: another engine takes up what is in the store.

import type { Log } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'

/** Only modules of rule files have a version in their address. */
const RULE_FRAME = /\?v=[0-9a-f]+/

export function containUserErrors(log: Log): void {
  const contain = (error: unknown): void => {
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    if (!RULE_FRAME.test(stack)) {
      log.error({ err: error }, `The engine failed: ${messageOf(error)}`)
      process.exit(1)
    }
    log.error(
      `Code of a rule file failed while nobody waited for it: ${messageOf(error)}\n${stack.replaceAll(/\?v=[0-9a-f]+/g, '')}`,
    )
  }
  process.on('uncaughtException', contain)
  process.on('unhandledRejection', contain)
}
