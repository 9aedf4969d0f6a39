// The table of commands in the README is held to the commands, `src/cli/commands.ts`.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { ROOT } from '../support/hub.ts'

const [, section = ''] = readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n## Commands\n')
const rows = section.split('\n## ')[0]!.match(/^\| `vigie .*$/gm) ?? []

const nameOf = (usage: string): string => usage.split(' ')[0]!

/** The commands that a row is about: those of its first column. */
const namesIn = (row: string): string[] =>
  Array.from(row.split(' | ')[0]!.matchAll(/`vigie (\S+?)[ `]/g), ([, name]) => name!)

it('lists each command, and none that there is not', () => {
  const listed = new Set(rows.flatMap(namesIn))
  expect([...listed].toSorted()).toEqual(COMMANDS.map(({ usage }) => nameOf(usage)).toSorted())
})

it('names options that the command of the row has', async () => {
  const wrong: string[] = []
  for (const row of rows) {
    const entries = COMMANDS.filter(({ usage }) => namesIn(row).includes(nameOf(usage)))
    const commands = await Promise.all(entries.map((entry) => entry.load()))
    const known = commands.flatMap(({ options }) => options.map(({ long }) => long))
    const named = row.match(/(?<=[ `])--[a-z][a-z-]*/g) ?? []
    wrong.push(...named.filter((option) => !known.includes(option)).map((option) => `${option}: ${row}`))
  }
  expect(wrong).toEqual([])
})
