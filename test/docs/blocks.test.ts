// Every block of code in the README, the documents and the examples: what is TypeScript has its types, what is JSON is
// JSON, what is a shell's can be read by one, and each command of vigie in it exists with the options that it is given.

import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parseSync } from 'vite'
import { COMMANDS } from '../../src/cli/commands.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'

interface Block {
  /** `docs/rules.md:40` */
  readonly place: string
  readonly language: string
  readonly code: string
}

const files = globSync(['README.md', 'docs/**/*.md', 'examples/*/README.md'], {
  cwd: ROOT,
  exclude: ['docs/reference/**'],
})
const blocks: readonly Block[] = files.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return Array.from(
    text.matchAll(/^( *)```(\w*)\n([^]*?)^ *```$/gm),
    ({ 1: indent = '', 2: language = '', 3: code = '', index }) => ({
      place: `${file}:${text.slice(0, index).split('\n').length}`,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  )
})
const of = (...languages: readonly string[]): readonly Block[] =>
  blocks.filter(({ language }) => languages.includes(language))

test('there are many', () => {
  expect(of('ts').length).toBeGreaterThan(60)
  expect(of('sh').length).toBeGreaterThan(30)
})

test('each whole file of TypeScript has the types that it says', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  for (const name of ['zod', 'vitest', '@types/node'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  // The files of one document import each other.
  for (const { place, code } of of('ts').filter(({ code: text }) => text.includes('import '))) {
    const name = /^\/\/ ([\w./-]+\.ts)/.exec(code)?.[1] ?? `block-${place.split(':')[1]}.ts`
    const file = join(folder, place.split(':')[0]!.replaceAll('/', '_'), name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, code)
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'ES2024',
        module: 'NodeNext',
        types: ['node'],
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        customConditions: ['vigie-source'],
      },
      // What declares packages that only some channels need.
      include: ['*/**/*.ts', join(ROOT, 'src/channels/peers.d.ts')],
    }),
  )
  const { stdout } = await execa(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', folder], { reject: false })
  expect(stdout.split('\n').filter((line) => line.includes('error'))).toEqual([])
})

test('each part of a file of TypeScript can be parsed', () => {
  const wrong = of('ts').flatMap(({ place, code }) => {
    // Statements, or members of the object of which the text speaks.
    const [error] = parseSync('block.ts', code).errors
    return error && parseSync('block.ts', `({ ${code} })`).errors.length > 0
      ? [`${place}: ${error.message}`]
      : []
  })
  expect(wrong).toEqual([])
})

test('each JSON is JSON', () => {
  const wrong = of('json').filter(({ code }) => {
    try {
      JSON.parse(code)
      return false
    } catch {
      return true
    }
  })
  expect(wrong.map(({ place }) => place)).toEqual([])
})

test('each script can be read by a shell', () => {
  const wrong = of('sh').filter(({ code }) => {
    try {
      execFileSync('sh', ['-n'], { input: code, stdio: ['pipe', 'ignore', 'ignore'] })
      return false
    } catch {
      return true
    }
  })
  expect(wrong.map(({ place }) => place)).toEqual([])
})

test('each command of vigie exists, with the options that it is given', async () => {
  const known = new Map<string, readonly (string | undefined)[]>()
  for (const entry of COMMANDS) {
    const { options } = await entry.load()
    const name = entry.usage.split(' ')[0]!
    known.set(name, [...(known.get(name) ?? []), ...options.flatMap(({ long, short }) => [long, short])])
  }
  const wrong: string[] = []
  for (const { place, code } of of('sh', ''))
    for (const [, name = '', rest = ''] of code.matchAll(
      /(?:^|[$|;(] *|npx |sudo )vigie ([a-z]+)((?: +(?!#|--(?: |$))[^\s|;&]+)*)/gm,
    )) {
      const options = known.get(name)
      // Each verb of "vigie run" and "vigie alert" has options of its own, which its help tells.
      if (options === undefined) wrong.push(`${place}: there is no vigie ${name}`)
      else
        for (const option of rest.match(/(?<= )--?[a-z][\w-]*/g) ?? [])
          if (!options.includes(option) && option !== '--help')
            wrong.push(`${place}: vigie ${name} ${option}`)
    }
  expect(wrong).toEqual([])
})
