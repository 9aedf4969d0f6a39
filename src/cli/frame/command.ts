// A command of the CLI is data: a light entry (how it is called, what it is for) that `vigie --help` is made
// of, and behind it the command itself (its options, its help, what it does), which is loaded when it is
// called.

import type { Option } from 'commander'
import { OperatorError } from '../../base/operator-error.ts'

/** What a command may use of the world, so that a test can stand in for it. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
  /** The standard input. Node opens it when it is first asked for. */
  readonly input: () => NodeJS.ReadableStream & { readonly isTTY?: boolean }
  /** Whether a person looks at it: columns cut to the width, hints, progress. */
  readonly isTty: boolean
  readonly hasColors: boolean
  readonly columns: number
  readonly cwd: string
  readonly now: () => number
  /** Aborted when the person ends a command that goes on (Ctrl-C, or the end of `| head`). From the first call on, that is its way to end. */
  readonly interrupted: () => AbortSignal
  /** From this call on, the command goes on when nobody can read what it prints; otherwise that ends it. */
  readonly outliveReader: () => void
}

/** The headings under which `vigie --help` lists the commands, in this order. */
export const COMMAND_GROUPS = ['Begin and run', 'Look', 'Act', 'Write rules', 'Data and access'] as const
export type CommandGroup = (typeof COMMAND_GROUPS)[number]

export interface CommandEntry {
  readonly group: CommandGroup
  /** The name and the arguments, as commander writes them: `history [filter]`. */
  readonly usage: string
  readonly summary: string
  /** Imports the command with all that it needs. */
  load(): Promise<Command>
}

/** What a word on the command line stands for, where a shell can offer more than the choices of the usage. */
export type WordKind =
  | 'file'
  | 'folder'
  | 'topic'
  | 'rule'
  | 'run'
  | 'alert'
  | 'channel'
  | 'client'
  | 'user'
  | 'token'
  | 'command'

export interface Command {
  readonly options: readonly Option[]
  /**
   * What the argument after these stands for, for completion. Without it, the usage tells: its choices, `<file>`,
   * `<dir>`, `<topic>`, `<filter>`.
   */
  readonly argument?: (before: readonly string[]) => WordKind | readonly string[] | undefined
  /** Lines shown below the options. */
  readonly help?: string
  /** @returns the exit status */
  run(input: CommandInput): Promise<number>
}

export interface CommandInput {
  readonly args: readonly (string | undefined)[]
  readonly options: Readonly<Record<string, unknown>>
  readonly terminal: Terminal
}

/** The person who typed the command can mend it. */
export class UserError extends OperatorError {
  override name = 'UserError'
}

export const EXIT = { ok: 0, failed: 1, usage: 2, config: 78 } as const
