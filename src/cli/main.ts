// The command line: builds the parser from the commands and gives every failure its sentence and exit status.

import { Command as Parser, CommanderError } from 'commander'
import { OperatorError } from '../base/operator-error.ts'
import { messageOf } from '../base/printable.ts'
import { ConfigError } from '../config/config.ts'
import { type Command, EXIT, type Terminal, UserError } from './command.ts'
import { InspectionFailed } from '../engine/inspect/inspect.ts'
import { backtest } from './backtest.ts'
import { check } from './check.ts'
import { explain } from './explain.ts'
import { history } from './history.ts'
import { run } from './run.ts'
import { runs } from './runs.ts'
import { start } from './start.ts'
import { status } from './status.ts'
import { user } from './user.ts'
import { why } from './why.ts'
import { version } from '../base/version.ts'

const COMMANDS: readonly Command[] = [start, status, check, explain, backtest, history, runs, run, why, user]

const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  isTty: process.stdout.isTTY,
  columns: process.stdout.columns ?? 120,
  cwd: process.cwd(),
  now: () => Date.now(),
}

/** @returns the exit status */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  let exitStatus: number = EXIT.ok
  const parser = new Parser('vigie')
    .description('An MQTT broker that acts on what passes through it.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
  for (const command of COMMANDS) addCommand(parser, command, terminal, (code) => (exitStatus = code))
  applyTo(parser, (each) =>
    each.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.error }),
  )
  // `vigie history | head` closes the pipe early: that is the reader's good right.
  if (terminal === processTerminal)
    process.stdout.once('error', (error: NodeJS.ErrnoException) =>
      process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed),
    )
  try {
    if (argv.length === 0) parser.outputHelp()
    else await parser.parseAsync([...argv], { from: 'user' })
    return exitStatus
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (error instanceof ConfigError) return fail(terminal, error.message, EXIT.config)
    if (isSentence(error)) return fail(terminal, error.message, EXIT.failed)
    return fail(
      terminal,
      error instanceof Error ? (error.stack ?? error.message) : messageOf(error),
      EXIT.failed,
    )
  }
}

/** For the person who typed the command: no stack would tell them more. */
const isSentence = (error: unknown): error is Error =>
  error instanceof UserError || error instanceof InspectionFailed || error instanceof OperatorError

function addCommand(
  parser: Parser,
  command: Command,
  terminal: Terminal,
  ended: (status: number) => void,
): void {
  const added = parser.command(command.usage).summary(command.summary).description(command.summary)
  for (const option of command.options) added.addOption(option)
  if (command.help) added.addHelpText('after', `\n${command.help}`)
  added.action(async (...received: unknown[]) => {
    // commander calls back with the arguments, then the options, then itself.
    // One that may be repeated comes as an array.
    const args = received.slice(0, -2).flat() as (string | undefined)[]
    ended(await command.run({ args, options: received.at(-2) as Record<string, unknown>, terminal }))
  })
}

function applyTo(parser: Parser, change: (each: Parser) => void): void {
  change(parser)
  for (const child of parser.commands) applyTo(child, change)
}

function fail(terminal: Terminal, sentence: string, code: number): number {
  terminal.error(`vigie: ${sentence}\n`)
  return code
}
