// `restart(['/usr/bin/worker', '--fast'], { stop })` starts a command that outlives the step and the hub, after
// ending what it is to replace.

import type { Duration } from '../../../base/quantities.ts'
import type { BareSpec } from './action.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { duration, flag, name, onHost, record, requireOptions, secretOrText } from './options.ts'
import { graceOf } from './grace.ts'
import { processTarget, usersKind } from './process-target.ts'
import type { TargetOptions, UserOptions } from './process-target.ts'
import { secretTexts } from './secret.ts'
import type { SecretOrText } from './secret.ts'

export interface RestartOptions extends ActionOptions, UserOptions {
  /** What is ended first, with all that belongs to it. By default nothing. */
  readonly stop?: TargetOptions
  /** How long that has between SIGTERM and SIGKILL; by default 10 seconds. */
  readonly grace?: Duration
  /** The working directory of the command; by default that of the hub. */
  readonly cwd?: string
  /** Variables that are added to the environment of the hub. */
  readonly env?: Readonly<Record<string, SecretOrText>>
  /** `true`: ends and starts nothing; the result names what would be ended. By default `false`. */
  readonly dryRun?: boolean
}

const anything = { expected: 'a process, a selector or a watch', test: () => true }
const KINDS = {
  stop: anything,
  grace: duration(true),
  cwd: name,
  env: record(secretOrText),
  users: usersKind,
  dryRun: flag,
  on: onHost,
}

/**
 * Starts a command, without a shell, in a session of its own. It is done when the command has run for half a
 * second or has exited with 0. A step that is done again does not start a second one. One attempt of 50
 * seconds beyond the grace unless options say otherwise.
 * @param command the program and its arguments
 */
export function restart(command: readonly string[], options: RestartOptions = {}): Action {
  requireOptions('restart', options, KINDS)
  if (!isCommand(command))
    throw new TypeError(
      "restart: expected a program and its arguments, such as ['/usr/bin/worker', '--fast']",
    )
  const { stop, cwd, env, dryRun } = options
  const { graceMs, timeout } = graceOf('restart', options)
  const { target, users, host } =
    stop === undefined ? undefinedTarget(options) : processTarget('restart', stop, options)
  const spec: BareSpec = {
    kind: 'restart',
    argv: [...command],
    ...(target && { stop: target }),
    ...(host !== undefined && { host }),
    ...(users && { users }),
    graceMs,
    ...(cwd !== undefined && { cwd }),
    ...(env && { env: secretTexts(env) }),
    ...(dryRun && { dryRun }),
  }
  return action('restart', { kind: 'spec', spec }, options, { timeout, attempts: 1 })
}

const undefinedTarget = ({ users, on }: UserOptions) => ({ target: undefined, users, host: on?.name })

const isCommand = (command: unknown): command is readonly string[] =>
  Array.isArray(command) &&
  command.length > 0 &&
  command[0] !== '' &&
  command.every((word) => typeof word === 'string' && !word.includes('\0'))
