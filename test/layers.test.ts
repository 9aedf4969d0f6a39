// The tables of ARCHITECTURE.md, held: which folder of src may import which, and which room of a folder which other.

import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a row of a table allows: `journal` → `base`, `model`, `topics`. */
type Table = ReadonlyMap<string, readonly string[]>

/** The one import of the composition: the command that starts the hub. */
const MAY_IMPORT_MAIN = join('cli', 'commands', 'start.ts')

const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
const folders = tableUnder('## Code map')
const rooms = Array.from(architecture.matchAll(/^### The rooms of `([^`]+)\/`$/gm), ([heading, folder]) => ({
  folder: folder ?? '',
  table: tableUnder(heading),
}))

function tableUnder(heading: string): Table {
  const section = architecture.slice(architecture.indexOf(heading) + heading.length).split(/^##/m)[0] ?? ''
  const rows = section.matchAll(/^\| `([^`]+?)\/?` \|.*\| ?([^|]*?) ?\|$/gm)
  return new Map(
    Array.from(rows, ([, name = '', allowed = '']) => [name, allowed.split(', ').filter(Boolean)]),
  )
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier ?? '')
}

/** What the files below `dir` import of each other that the table does not allow. A row may name a folder or a file. */
function trespasses(dir: string, table: Table): string[] {
  const wrong: string[] = []
  for (const file of globSync('**/*.{ts,tsx,js}', { cwd: dir })) {
    const from = firstOf(file)
    const allowed = table.get(from)
    if (!allowed) wrong.push(`${file} stands in no row`)
    for (const specifier of importsOf(join(dir, file)).filter((name) => name.startsWith('.'))) {
      const target = relative(dir, join(dir, dirname(file), specifier))
      const to = firstOf(target)
      if (to !== from && to !== '..' && !allowed?.includes(to) && !isTheStart(file, to))
        wrong.push(`${file} imports ${target}`)
    }
  }
  return wrong
}

const firstOf = (path: string): string => path.split(sep)[0] ?? path

const isTheStart = (file: string, to: string): boolean => file === MAY_IMPORT_MAIN && to === 'main.ts'

describe('the tables of ARCHITECTURE.md', () => {
  it('say which folder of src may import which', () => {
    expect(trespasses(join(root, 'src'), folders)).toEqual([])
  })

  it.each(rooms)('say which room of $folder may import which', ({ folder, table }) => {
    expect(trespasses(join(root, 'src', folder), table)).toEqual([])
  })

  it('name no room that is not there', () => {
    const tables = [{ folder: '', table: folders }, ...rooms]
    const missing = tables.flatMap(({ folder, table }) =>
      [...table.keys()].filter((name) => globSync(name, { cwd: join(root, 'src', folder) }).length === 0),
    )
    expect(missing).toEqual([])
  })
})

it('has SQL in the journal, and in the store of an agent, only', () => {
  const wrong = globSync('src/**/*.ts', { cwd: root })
    .filter((file) => !file.startsWith(join('src', 'journal')) && file !== join('src', 'agent', 'store.ts'))
    .filter((file) => importsOf(join(root, file)).includes('better-sqlite3'))
  expect(wrong).toEqual([])
})

it('gives the page nothing that browsers lack: types of the server, and modules without Node in them', () => {
  const wrong = globSync('src/page/**/*.{ts,tsx}', {
    cwd: root,
    exclude: ['src/page/vite.config.ts'],
  }).filter((file) =>
    /^import (?!type\b)[^']*? from '(?:node:[^']*|(?:\.\.\/)+http\/[^']*)'$/m.test(
      readFileSync(join(root, file), 'utf8'),
    ),
  )
  expect(wrong).toEqual([])
})

it('lets rule files and examples import the package by its name only', () => {
  const wrong = globSync('{rules,examples}/**/*.ts', { cwd: root }).filter((file) =>
    importsOf(join(root, file)).some((specifier) => specifier.includes('/src/')),
  )
  expect(wrong).toEqual([])
})

it('imports types alone from node:http, of which an import loads undici', () => {
  const wrong = globSync('src/**/*.ts', { cwd: root }).filter((file) =>
    /^import (?!type\b)[^;]*? from 'node:http'$/m.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(wrong).toEqual([])
})
