// shell`mv -- ${from} /srv/media/` runs a program, with no shell in between. Options come first:
// shell({ timeout: '10m', cwd: '/srv' })`rsync -a ${from} ${to}`.
// `shell.script` is for those who really want `sh -c`; values reach it only through its environment.

import type { ShellSpec } from '../../../model/action.ts'
import type { OnHostOptions } from '../host.ts'
import { action } from './action.ts'
import type { Action, ActionOptions, BareSpec } from './action.ts'
import { name, onHost, record, requireOptions, secretOrText } from './options.ts'
import { secretTexts } from './secret.ts'
import type { SecretOrText } from './secret.ts'
import { shellWords } from './shell-words.ts'
import type { Argument } from './shell-words.ts'

interface ShellOptions extends ActionOptions, OnHostOptions {
  /** The working directory of the program. */
  readonly cwd?: string
  /** Variables that are added to the environment of the hub. */
  readonly env?: Readonly<Record<string, SecretOrText>>
}

// The types of values are written out, so that a compile error shows them.
type ShellTag = (
  literals: TemplateStringsArray,
  ...values: readonly (string | number | bigint | readonly (string | number | bigint)[])[]
) => Action

export interface Shell extends ShellTag {
  (options: ShellOptions): ShellTag
  /**
   * `sh -c`, with values in `env` only: `shell.script('wc -l < "$FILE"', { env: { FILE: payload.file } })`.
   */
  script(this: void, text: string, options?: ShellOptions): Action
}

/**
 * Runs a program, with no shell in between: shell`mv -- ${from} /srv/media/`. Every `${…}` is exactly one
 * argument. One attempt of 5 minutes unless options say otherwise.
 * @throws TypeError when the template holds what only a shell would interpret; `shell.script` runs that
 */
export const shell: Shell = Object.assign(tagOrOptions, { script })

const DEFAULTS = { timeout: '5m', attempts: 1 } as const
const KINDS = { cwd: name, env: record(secretOrText), on: onHost }

function tagOrOptions(literals: TemplateStringsArray, ...values: readonly Argument[]): Action
function tagOrOptions(options: ShellOptions): ShellTag
function tagOrOptions(
  first: TemplateStringsArray | ShellOptions,
  ...values: readonly Argument[]
): Action | ShellTag {
  return isTemplate(first) ? command({})(first, ...values) : command(first)
}

function command(options: ShellOptions): ShellTag {
  requireOptions('shell', options, KINDS)
  return (literals, ...values) =>
    action('shell', shellBody({ argv: shellWords(literals, values) }, options), options, DEFAULTS)
}

function script(text: string, options: ShellOptions = {}): Action {
  if (typeof text !== 'string' || text.trim() === '') throw new TypeError('shell.script: the script is empty')
  requireOptions('shell.script', options, KINDS)
  return action('shell.script', shellBody({ argv: [], script: text }, options), options, DEFAULTS)
}

function shellBody(what: Pick<ShellSpec, 'argv' | 'script'>, { cwd, env, on }: ShellOptions) {
  const spec: BareSpec = {
    kind: 'shell',
    ...what,
    ...(on && { host: on.name }),
    ...(cwd !== undefined && { cwd }),
    ...(env && { env: secretTexts(env) }),
  }
  return { kind: 'spec', spec } as const
}

const isTemplate = (first: TemplateStringsArray | ShellOptions): first is TemplateStringsArray =>
  Array.isArray(first) && 'raw' in first
