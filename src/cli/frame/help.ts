// How `vigie --help` and `vigie help COMMAND` are laid out, for a terminal of any width.

import { type Command as Parser, Help, type HelpConfiguration } from 'commander'
import { COMMAND_GROUPS, type CommandEntry } from './command.ts'

/** Longer lines are hard to read. */
const WIDEST = 100

export const helpWidth = (columns: number): number => Math.min(columns, WIDEST)

export const byGroup = (entries: readonly CommandEntry[]): readonly CommandEntry[] =>
  entries.toSorted((one, other) => COMMAND_GROUPS.indexOf(one.group) - COMMAND_GROUPS.indexOf(other.group))

export const helpLayout: HelpConfiguration = {
  showGlobalOptions: true,
  // With the arguments, no summary would find room on 80 columns.
  subcommandTerm: (command: Parser) => command.name(),
  // The help command is named below the list.
  visibleCommands: ({ commands }: Parser) => [...commands],
  visibleGlobalOptions: (command: Parser) =>
    (command.parent?.options ?? []).filter(({ long }) => long !== '--version'),
  styleTitle: (title: string) => (title === 'Global Options:' ? 'Options of every command:' : title),
}

/**
 * Fits the paragraphs of a help text to the width. A line that shows a command (it begins with `vigie`) stays a line of
 * its own.
 */
export function flowed(text: string, width: number): string {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const before = lines.at(-1)
    if (before === undefined || [before, line].some(standsAlone)) lines.push(line)
    else lines[lines.length - 1] = `${before} ${line}`
  }
  return new Help().boxWrap(lines.join('\n'), width)
}

const standsAlone = (line: string): boolean => line === '' || /^(?: |vigie |Example)/.test(line)
