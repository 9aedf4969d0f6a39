// `host('nas')` names another machine, on which `vigie agent` runs. Pings, watches and actions take it as
// `on`; exported, it also says how its alert is told.

import { DECLARED_NAME } from '../../model/declarations.ts'
import type { Severity } from '../../model/alert.ts'
import { DECLARATION, stackOf } from './declared.ts'
import type { Declared } from './declared.ts'

export interface Host<Name extends string = string> extends Declared {
  readonly [DECLARATION]: 'host'
  readonly name: Name
  readonly definition: HostOptions
}

export interface HostOptions {
  /** The severity of the alert that its agent is gone; by default `warning`. */
  readonly severity?: Severity
}

/** What may happen on another machine. */
export interface OnHostOptions {
  /** The other machine on which this happens, `host('nas')`; by default that of the hub. */
  readonly on?: Host
}

/**
 * Names another machine by the name under which its agent runs: `vigie agent --name nas`. Probes and actions
 * happen there with `on: host('nas')`. While its agent is gone, its pings are `unknown`, and one alert,
 * `host-nas`, says so.
 */
export const host = <const Name extends string>(name: Name, definition: HostOptions = {}): Host<Name> => ({
  [DECLARATION]: 'host',
  name,
  definition,
  stack: stackOf(host),
})

export const isHost = (value: unknown): value is Host =>
  typeof value === 'object' &&
  value !== null &&
  DECLARATION in value &&
  value[DECLARATION] === 'host' &&
  DECLARED_NAME.test((value as Host).name)
