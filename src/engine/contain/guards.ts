// What a rule file may not call, because it would take down the engine, or take away what the engine is
// guarded by. Each of these is done by accident: by a program that was turned into a rule and ends with
// `process.exit`, by a package that clears all listeners before it sets its own, by a pid that is 0 because a
// payload was empty. The call throws a sentence instead, and the engine goes on.
//
// Nothing here keeps out code that means harm: rules are programs of the user, and may do what the hub may.

import { syncBuiltinESMExports } from 'node:module'
import { hubPid } from '../../base/hub-process.ts'

/** The hub's own `process.exit`, for the end of an engine. */
const exit: (code: number) => never = process.exit.bind(process)

/**
 * Guards the listeners of `process` that are there now, and what ends the process. Must be called before rule
 * files are loaded, and once the hub's own listeners are set. Returns the hub's own `process.exit`.
 */
export function guardProcess(): typeof exit {
  const kill = process.kill.bind(process)
  const off = process.off.bind(process)
  const removeAllListeners = process.removeAllListeners.bind(process)
  const own = new Map(process.eventNames().map((event) => [event, new Set(process.rawListeners(event))]))
  const isOwn = (event: string | symbol, listener: unknown): boolean =>
    own.get(event)?.has(listener as () => void) ?? false
  const removeListener = (event: string | symbol, listener: (...args: unknown[]) => void): NodeJS.Process => {
    if (isOwn(event, listener)) throw refusal(`process.off(${nameOf(event)}, …)`, TAKES_GUARDS)
    return off(event, listener)
  }
  for (const [name, guarded] of Object.entries({
    exit: (code?: number) => {
      throw refusal(`process.exit(${code ?? ''})`, ENDS_ENGINE)
    },
    setUncaughtExceptionCaptureCallback: () => {
      throw refusal('process.setUncaughtExceptionCaptureCallback(…)', TAKES_GUARDS)
    },
    removeAllListeners: (event?: string | symbol) => {
      if (event === undefined ? own.size > 0 : own.has(event))
        throw refusal(`process.removeAllListeners(${nameOf(event)})`, TAKES_GUARDS)
      return removeAllListeners(event)
    },
    removeListener,
    off: removeListener,
    kill: (pid: number | string, signal?: NodeJS.Signals | number) => {
      // Node takes texts as well, and 0 for an empty one.
      const target = Number(pid)
      if (signal !== 0 && (target === 0 || target === -1 || Math.abs(target) === hubPid))
        throw refusal(`process.kill(${target})`, 'It would end the hub, and all rules with it')
      return kill(target, signal)
    },
  }))
    Object.defineProperty(process, name, { value: guarded, enumerable: true })
  // For `import { exit } from 'node:process'`.
  syncBuiltinESMExports()
  return exit
}

const ENDS_ENGINE = 'It would end the engine, and all rules with it: return, or throw an error'
const TAKES_GUARDS =
  'It would take away what keeps the engine up when a rule fails: remove listeners of your own, one by one'

const refusal = (call: string, why: string): Error => new Error(`A rule file cannot call ${call}. ${why}.`)

const nameOf = (event: string | symbol | undefined): string =>
  typeof event === 'string' ? JSON.stringify(event) : String(event ?? '')
