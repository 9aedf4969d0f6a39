// The layers of ARCHITECTURE.md, held: which folder of src may import which.

import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  mqtt: ['base'],
  topics: ['base'],
  calendar: ['base'],
  model: ['base', 'mqtt', 'topics'],
  config: ['base', 'model', 'topics'],
  access: ['base', 'model', 'topics'],
  process: ['base', 'model'],
  rules: ['base', 'model', 'mqtt', 'topics', 'calendar'],
  journal: ['base', 'model', 'topics'],
  broker: ['base', 'model', 'mqtt', 'topics'],
  actions: ['base', 'model', 'process'],
  watch: ['base', 'model', 'process'],
  engine: ['base', 'model', 'mqtt', 'topics', 'calendar', 'process', 'rules', 'journal', 'actions', 'watch'],
  http: ['base', 'model', 'topics', 'journal', 'engine'],
  cli: ['base', 'model', 'topics', 'config', 'access', 'process', 'rules', 'journal', 'engine'],
}

/** Files beside the folders: the composition and the public faces. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  'bin.js': ['cli'],
  'index.ts': ['rules', 'config', 'model', 'base', 'topics'],
  'testing.ts': ['engine', 'rules', 'model', 'base', 'topics'],
  'listeners.ts': ['base', 'model', 'config', 'access', 'broker'],
  'main.ts': [...Object.keys(MAY_IMPORT).filter((folder) => folder !== 'cli'), 'listeners.ts'],
}

/** The one import of the composition: the command that starts the hub. */
const MAY_IMPORT_MAIN = ['cli/start.ts']

const layerOf = (file: string): string => file.split(sep)[0] ?? file

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier ?? '')
}

it('imports only from the layers below', () => {
  const wrong: string[] = []
  const src = join(root, 'src')
  for (const file of globSync('**/*.{ts,js}', { cwd: src })) {
    const from = layerOf(file)
    const allowed = MAY_IMPORT[from] ?? FILES[from]
    if (!allowed) wrong.push(`${file} is in no layer that is known`)
    for (const specifier of importsOf(join(src, file)).filter((name) => name.startsWith('.'))) {
      const target = relative(src, join(src, dirname(file), specifier))
      const to = layerOf(target)
      if (to === from && to in MAY_IMPORT) continue
      if (to === 'main.ts' ? MAY_IMPORT_MAIN.includes(file) : allowed?.includes(to)) continue
      wrong.push(`${file} imports ${target}`)
    }
  }
  expect(wrong).toEqual([])
})

it('has SQL in the journal only', () => {
  const wrong = globSync('src/**/*.ts', { cwd: root })
    .filter((file) => !file.startsWith(join('src', 'journal')))
    .filter((file) => importsOf(join(root, file)).includes('better-sqlite3'))
  expect(wrong).toEqual([])
})

it('lets rule files and examples import the package by its name only', () => {
  const wrong = globSync('{rules,examples}/**/*.ts', { cwd: root }).filter((file) =>
    importsOf(join(root, file)).some((specifier) => specifier.includes('/src/')),
  )
  expect(wrong).toEqual([])
})
