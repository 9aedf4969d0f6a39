// What may stand at the end of a command line, for the completion of shells. Everything comes from the data of the
// commands; what only the hub, the data folder or the configuration knows is asked for by its kind.

import type { Option } from 'commander'
import type { Command, CommandEntry, WordKind } from '../frame/command.ts'

/** Something that may stand there; a shell shows the summary beside it. */
export interface Candidate {
  readonly word: string
  readonly summary?: string
}

/**
 * The words of a kind; the options of the line say which folder is meant. Words that do not begin with `begun` may be
 * among them.
 */
export type KnownWords = (
  kind: WordKind,
  options: Readonly<Record<string, unknown>>,
  begun: string,
) => Promise<readonly Candidate[]> | readonly Candidate[]

/** A kind that the shell itself completes. */
export type Completion = readonly Candidate[] | 'files' | 'folders'

const GLOBAL: readonly Candidate[] = [
  { word: '--utc', summary: 'print and read times in UTC' },
  { word: '--help', summary: 'print the help' },
]

/**
 * @param line the words behind `vigie`; the last one is under way, and may be empty
 */
export async function complete(
  entries: readonly CommandEntry[],
  line: readonly string[],
  known: KnownWords,
): Promise<Completion> {
  const current = line.at(-1) ?? ''
  const [name, ...before] = line.slice(0, -1).filter((word) => word !== '--utc')
  const commands = entries.map(({ usage, summary }) => ({ word: firstOf(usage), summary }))
  if (name === undefined) {
    const help = { word: 'help', summary: 'print the help of a command' }
    const first = current.startsWith('-') ? [...GLOBAL, { word: '--version' }] : [...commands, help]
    return beginning(first, current)
  }
  if (name === 'help') return before.length === 0 ? beginning(commands, current) : []
  const entry = entries.find(({ usage }) => firstOf(usage) === name)
  if (entry === undefined) return []
  // What stands behind it is somebody else's command line.
  if (before.includes('--')) return []
  const command = await entry.load()
  const read = readWords(command, before)
  if (read.awaited) return ofKind(kindOfOption(read.awaited), current, '', read, known)
  const [, flag = '', begun] = /^(--[^=]+)=(.*)$/.exec(current) ?? []
  const given = command.options.find(({ long }) => long === flag)
  if (given && begun !== undefined) return ofKind(kindOfOption(given), begun, `${flag}=`, read, known)
  if (current.startsWith('-')) return beginning([...optionsOf(command, before), ...GLOBAL], current)
  return ofKind(kindOfArgument(entry, command, read.args), current, '', read, known)
}

interface Words {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  /** The option whose value comes next. */
  readonly awaited: Option | undefined
}

function readWords({ options }: Command, words: readonly string[]): Words {
  const args: string[] = []
  const given: Record<string, unknown> = {}
  let awaited: Option | undefined
  for (const word of words) {
    if (awaited) {
      given[awaited.attributeName()] = word
      awaited = undefined
      continue
    }
    const [flag, value] = word.split(/=(.*)/s)
    const option = options.find(({ short, long }) => flag === short || flag === long)
    if (option === undefined) args.push(word)
    else if (!option.required) given[option.attributeName()] = !option.negate
    else if (value === undefined) awaited = option
    else given[option.attributeName()] = value
  }
  return { args: args.filter((word) => !word.startsWith('-')), options: given, awaited }
}

type Kind = WordKind | readonly string[] | undefined

function kindOfOption(option: Option): Kind {
  if (option.argChoices) return option.argChoices
  const [, value = ''] = /<([^>]+)>/.exec(option.flags) ?? []
  return KINDS[value] ?? NAMED[option.attributeName()]
}

/** Options that take a name that is known. */
const NAMED: Readonly<Record<string, WordKind>> = { rule: 'rule', client: 'client' }

/** The names that usages and options give to what they take. */
const KINDS: Readonly<Record<string, WordKind>> = {
  file: 'file',
  files: 'file',
  dir: 'folder',
  topic: 'topic',
  filter: 'topic',
}

function kindOfArgument({ usage }: CommandEntry, command: Command, args: readonly string[]): Kind {
  const told = command.argument?.(args)
  if (told !== undefined) return told
  const places = usage.split(' ').slice(1)
  const at = places[args.length] ?? places.findLast((place) => place.includes('...'))
  const meaning = at?.replaceAll(/[<>[\]]|\.\.\./g, '') ?? ''
  return meaning.includes('|') && args.length === 0 ? meaning.split('|') : KINDS[meaning]
}

async function ofKind(
  kind: Kind,
  current: string,
  prefix: string,
  { options }: Words,
  known: KnownWords,
): Promise<Completion> {
  if (kind === undefined) return []
  if (kind === 'file') return 'files'
  if (kind === 'folder') return 'folders'
  const words =
    typeof kind === 'string' ? await known(kind, options, current) : kind.map((word) => ({ word }))
  return beginning(words, current).map((each) => ({ ...each, word: prefix + each.word }))
}

const optionsOf = ({ options }: Command, given: readonly string[]): readonly Candidate[] =>
  options.flatMap(({ long, description }) =>
    long === undefined || long === null || given.includes(long) ? [] : [{ word: long, summary: description }],
  )

const beginning = (candidates: readonly Candidate[], start: string): readonly Candidate[] =>
  candidates.filter(({ word }) => word.startsWith(start))

const firstOf = (usage: string): string => usage.split(' ')[0] ?? ''
