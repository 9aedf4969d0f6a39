// `vigie init`: a folder in which somebody can begin at once. The files are those of `template/` in this package. The
// packages that they import (vigie and zod, with their types) are links to the running install, so that an editor, the
// type checker and the test find them without a network.

import {
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PACKAGE } from '../../base/package.ts'
import { messageOf } from '../../base/printable.ts'
import { systemReason } from '../../base/system-reason.ts'
import { type Command, EXIT, UserError } from '../frame/command.ts'
import { paintFor } from '../show/paint.ts'

const HERE = resolve(fileURLToPath(PACKAGE))
const TEMPLATE = join(HERE, 'template')
/**
 * Names that the template's own files cannot have: npm packs no `.gitignore`, and a `package.json` would keep the
 * template from finding vigie.
 */
const RENAMED: Readonly<Record<string, string>> = {
  gitignore: '.gitignore',
  'package.template.json': 'package.json',
}
/** What the files import, and what checks and tests them; the last two lie beside vigie in a checkout only. */
const LINKED = ['vigie', 'zod', '@types/node', 'typescript', 'vitest'] as const

export const init: Command = {
  options: [],
  help: `Writes what a folder lacks: a configuration, three rules, a test, and what an editor needs. A file that exists
stays as it is, so the command may be called again, as after a "git clone" or "npm install".
Without DIR, the folder is the current one.
Example: vigie init house`,
  async run({ args, terminal }) {
    const dir = resolve(terminal.cwd, args[0] ?? '.')
    const { dim, bold } = paintFor(terminal)
    const here = relative(terminal.cwd, dir)
    const files = templateFiles()
    const written = files.filter(({ source, name }) => write(join(TEMPLATE, source), join(dir, name)))
    const linked = LINKED.filter((name) => link(name, dir))
    const kept = files.filter((file) => !written.includes(file)).map(({ name }) => name)
    if (written.length > 0) terminal.out(`Wrote into ${dir}:\n`)
    for (const { name } of written) terminal.out(`  ${bold(name.padEnd(20))} ${dim(ABOUT[name] ?? '')}\n`)
    if (linked.length > 0) terminal.out(`Linked into node_modules: ${linked.join(', ')}.\n`)
    if (kept.length > 0) terminal.out(`Left as they were: ${kept.join(', ')}.\n`)
    if (!existsSync(join(HERE, 'dist', 'index.d.ts')))
      terminal.out('This vigie is a checkout: "npm run build" there makes the types for editors.\n')
    terminal.out('Next:\n')
    const next = nextCommands(here)
    const width = Math.max(...next.map(([command]) => command.length))
    for (const [command, about] of next) terminal.out(`  ${bold(command.padEnd(width))}  ${dim(about)}\n`)
    return EXIT.ok
  },
}

const ABOUT: Readonly<Record<string, string>> = {
  'vigie.config.ts': 'the settings of the hub',
  'rules/hello.ts': 'a message runs a command',
  'rules/doors.ts': 'an alert after ten minutes',
  'rules/freezer.ts': 'a limit, and a sensor that says nothing',
  'test/doors.test.ts': 'tests rules in virtual time',
  'tsconfig.json': 'for editors and the type checker',
  'package.json': '"npm install && npm test" runs the test',
  '.gitignore': 'data and packages stay out of git',
}

const nextCommands = (here: string): readonly (readonly [string, string])[] => [
  [`${here === '' ? '' : `cd ${quoted(here)} && `}vigie start`, 'runs the hub until Ctrl-C'],
  ["vigie pub hello/you 'good day'", 'in another terminal'],
  ['vigie runs', 'shows what the rule "hello" did'],
]

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

function templateFiles(): readonly { readonly source: string; readonly name: string }[] {
  const names = globSync('**/*', { cwd: TEMPLATE }).filter((name) => statSync(join(TEMPLATE, name)).isFile())
  const order = Object.keys(ABOUT)
  return names
    .map((source) => ({ source, name: RENAMED[source] ?? source }))
    .toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name))
}

/** @returns whether the file was written; one that exists, as a file or otherwise, stays */
function write(source: string, target: string): boolean {
  try {
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, readFileSync(source), { flag: 'wx' })
    return true
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).syscall === 'open' &&
      (error as NodeJS.ErrnoException).code === 'EEXIST'
    )
      return false
    throw new UserError(`${target} cannot be written: ${systemReason(error) ?? messageOf(error)}.`)
  }
}

/** @returns whether a link was made; what the folder finds already, whoever installed it, stays */
function link(name: string, dir: string): boolean {
  const source = name === 'vigie' ? HERE : folderOf(name, HERE)
  if (source === undefined || folderOf(name, dir) !== undefined) return false
  const target = join(dir, 'node_modules', name)
  try {
    mkdirSync(dirname(target), { recursive: true })
    // A link that leads nowhere is left of an install that has been moved or removed.
    if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(target)
    symlinkSync(source, target)
    return true
  } catch (error) {
    throw new UserError(
      `${target} cannot be linked to ${source}: ${systemReason(error) ?? messageOf(error)}.`,
    )
  }
}

/** The folder of a package that a file in `dir` would import. */
function folderOf(name: string, dir: string): string | undefined {
  const folder = join(dir, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return folder
  return dirname(dir) === dir ? undefined : folderOf(name, dirname(dir))
}
