// Protects the globals on which the hub's own code in an engine relies, and which a rule file could replace
// for the whole thread: a timer that never calls back would stop every rule, and reloads with them, without
// anybody being named. What guards.ts refuses stands beside this.

const HELD = [
  'AbortController',
  'AbortSignal',
  'Array',
  'Atomics',
  'Buffer',
  'Date',
  'Error',
  'JSON',
  'Map',
  'Math',
  'Number',
  'Object',
  'Promise',
  'Set',
  'String',
  'URL',
  'WeakMap',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
] as const

/** Of `process`. Its working folder and its events are left open: well-kept packages wrap those. */
const HELD_OF_PROCESS = ['env', 'hrtime', 'memoryUsage', 'nextTick'] as const

/** Functions of these are called by their names: `Date.now`, `JSON.stringify`, `Promise.race`. */
const FROZEN = [Date, JSON, Promise]

/**
 * Freezes these globals: code that assigns to one gets a TypeError at its own line. Must be called before
 * rule files are loaded.
 */
export function holdGlobals(): void {
  for (const name of HELD) hold(globalThis, name)
  for (const name of HELD_OF_PROCESS) hold(process, name)
  for (const each of FROZEN) Object.freeze(each)
}

/** Leaves it enumerable where it is: `node:process` exports only what is. */
function hold<T extends object>(owner: T, name: keyof T & string): void {
  const value: unknown = owner[name]
  Object.defineProperty(owner, name, { value, writable: false, configurable: false })
}
