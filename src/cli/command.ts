// A command of the CLI is data: help, parsing and completion come from this one object.

import type { Option } from 'commander'

/** What a command may use of the world, so that a test can stand in for it. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
  /** Whether a person looks at it: colours, columns cut to the width. */
  readonly isTty: boolean
  readonly columns: number
  readonly cwd: string
  readonly now: () => number
}

export interface Command {
  /** With its arguments, as commander writes them: `history [filter]`. */
  readonly usage: string
  readonly summary: string
  readonly options: readonly Option[]
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

/** Printed as it is, without a stack: the person who typed the command can mend it. */
export class UserError extends Error {
  override name = 'UserError'
}

export const EXIT = { ok: 0, failed: 1, usage: 2, config: 78 } as const
