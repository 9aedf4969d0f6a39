// The command line: builds the parser from the commands and gives every failure its sentence and exit status.
// Of the commands only the one that is called is loaded.

import { Command as Parser, CommanderError } from 'commander'
import { useZone } from '../base/local-time.ts'
import { visible } from '../base/printable.ts'
import { version } from '../base/version.ts'
import { type CommandEntry, EXIT, type Terminal } from './frame/command.ts'
import { COMMANDS } from './commands.ts'
import { describeFailure } from './frame/failure.ts'
import { byGroup, flowed, helpLayout, helpWidth } from './frame/help.ts'
import { openTerminal } from './frame/open-terminal.ts'

/** @returns the exit status */
export async function main(argv: readonly string[], raw: Terminal = openTerminal()): Promise<number> {
  const terminal = visibleOn(raw)
  let exitStatus: number = EXIT.ok
  const parser = new Parser('vigie')
    .description('An MQTT broker that acts on what passes through it.')
    .usage('COMMAND [options]')
    .option('--utc', 'print and read times in UTC instead of local time')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureHelp(helpLayout)
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', '\n"vigie help COMMAND" prints the options of a command, with examples.')
  const called = calledIn(argv)
  for (const entry of byGroup(COMMANDS)) {
    const added = parser
      .command(entry.usage)
      .helpGroup(`${entry.group}:`)
      .summary(entry.summary)
      .description(entry.summary)
    if (entry === called) await complete(added, entry, terminal, (status) => (exitStatus = status))
  }
  applyTo(parser, (each) =>
    each.exitOverride().configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.error,
      getOutHelpWidth: () => helpWidth(terminal.columns),
      getErrHelpWidth: () => helpWidth(terminal.columns),
    }),
  )
  useZone('local')
  parser.on('option:utc', () => useZone('UTC'))
  try {
    if (argv.length === 0) parser.outputHelp()
    else await parser.parseAsync([...argv], { from: 'user' })
    return exitStatus
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const { sentence, status } = describeFailure(error)
    terminal.error(`vigie: ${sentence}\n`)
    return status
  }
}

/** Whatever a command prints, as text or as JSON: what a terminal would obey of it is escaped. */
const visibleOn = (terminal: Terminal): Terminal => ({
  ...terminal,
  out: (text) => terminal.out(visible(text)),
  error: (text) => terminal.error(visible(text)),
})

/** `vigie history …` and `vigie help history` call the same command. */
function calledIn(argv: readonly string[]): CommandEntry | undefined {
  const [first, second] = argv.filter((word) => word !== '--utc')
  const name = first === 'help' ? second : first
  return COMMANDS.find(({ usage }) => usage.split(' ')[0] === name)
}

async function complete(
  added: Parser,
  entry: CommandEntry,
  terminal: Terminal,
  ended: (status: number) => void,
): Promise<void> {
  const command = await entry.load()
  for (const option of command.options) added.addOption(option)
  if (command.help) added.addHelpText('after', `\n${flowed(command.help, helpWidth(terminal.columns))}`)
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
