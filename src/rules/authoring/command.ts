// `command(name, { target, allow, users })` declares what clients may ask the hub to do with processes of this
// machine, by a message on `<root>/commands/<name>/<verb>`. It becomes a rule on those messages.

import type { Duration } from '../../base/quantities.ts'
import type { CommandVerb } from '../../model/command.ts'
import type { SelectorOptions } from './actions/selector.ts'
import { DECLARATION, stackOf } from './declared.ts'
import type { Declared } from './declared.ts'
import type { OnHostOptions } from './host.ts'
import type { Watch } from './watch.ts'

export interface Command extends Declared {
  readonly [DECLARATION]: 'command'
  readonly definition: CommandOptions
}

export interface CommandOptions extends OnHostOptions {
  /** The processes that are meant: a selector, or a watch for those that it finds. */
  readonly target: SelectorOptions | Watch
  /** What may be asked for. `restart` needs `run`. */
  readonly allow: readonly CommandVerb[]
  /**
   * MQTT users who may give the command. `vigie kill` on the machine of the hub, and rules that publish the
   * command, need not be named.
   */
  readonly users: readonly string[]
  /** What `restart` starts: the program and its arguments. */
  readonly run?: readonly string[]
  /** How long a process has between SIGTERM and SIGKILL; by default 10 seconds. */
  readonly grace?: Duration
  /** A command that could not be carried out within this time has expired; by default 1 minute. */
  readonly ttl?: Duration
}

/**
 * Declares what clients may ask the hub to do with processes: `command('runaway', { target: { name: 'ffmpeg'
 * }, allow: ['kill', 'list'], users: ['anna'] })`. Export it from a rule file. What they publish is a verb on
 * `vigie/commands/<name>/<verb>`, with `{ "dryRun": true }` or nothing as its payload; the answer goes to the
 * response topic, or to `vigie/commands/<name>/result`.
 * @param name a name of its own among rules, watches and commands; `alerts` is taken
 */
export const command = (name: string, definition: CommandOptions): Command => ({
  [DECLARATION]: 'command',
  name,
  definition,
  stack: stackOf(command),
})
