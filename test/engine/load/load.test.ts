// Covers `src/engine/load/load-failure.ts`, `src/engine/load/resolve.ts`.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { describeFailure } from '../../../src/engine/load/load-failure.ts'
import { ManualClock } from '../../../src/base/clock.ts'
import { loadModules } from '../../../src/engine/load/load.ts'
import { dependenciesOf } from '../../../src/engine/load/resolve.ts'
import { readRuleFolder } from '../../../src/engine/load/rule-folder.ts'

const roots: string[] = []

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

/** A folder `rules` with these files, outside of any package. */
function ruleFolder(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'vigie-load-'))
  roots.push(root)
  write(join(root, 'rules'), files)
  return join(root, 'rules')
}

function write(dir: string, files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
  }
}

const load = (dir: string, entering?: (file: string) => void) => loadModules(readRuleFolder(dir), entering)

async function failureOf(files: Record<string, string>): Promise<string> {
  const { failures } = await load(ruleFolder(files))
  expect(failures).toHaveLength(1)
  return describeFailure(failures[0]!)
}

test('the package and zod are those of the running install, in a folder without node_modules', async () => {
  const dir = ruleFolder({
    'a.ts': `import * as vigie from 'vigie'\nimport { z } from 'zod'\nexport const found: unknown[] = [vigie, z]`,
  })
  const { modules, failures } = await load(dir)
  expect(failures).toEqual([])
  const [vigie, z] = modules[0]!.exports['found'] as [object, object]
  expect(vigie).toBe(await import('../../../src/index.ts'))
  expect(z).toBe((await import('zod')).z)
})

test('a relative import finds a file without its ending, a folder through its index, and JSON', async () => {
  const dir = ruleFolder({
    'a.ts': `import { one } from './parts/one'\nimport { two } from './parts'\nimport three from './three.json' with { type: 'json' }\nexport const sum: number = one + two + three`,
    'parts/one.ts': `export const one: number = 1`,
    'parts/index.ts': `export const two = 2 as number`,
    'three.json': '3',
  })
  const { modules, failures } = await load(dir)
  expect(failures).toEqual([])
  expect(modules.map(({ file, part }) => [file, part])).toEqual([
    ['rules/a.ts', 'rules'],
    ['rules/parts/index.ts', 'helper'],
    ['rules/parts/one.ts', 'helper'],
  ])
  expect(modules[0]!.exports['sum']).toBe(6)
})

test('a changed helper is loaded anew, also for a rule file that did not change', async () => {
  const dir = ruleFolder({
    'a.ts': `export { word } from './helper.ts'`,
    'helper.ts': `export const word = 'before'`,
  })
  const before = await load(dir)
  write(dir, { 'helper.ts': `export const word = 'after'` })
  const after = await load(dir)
  expect(before.modules[0]!.exports['word']).toBe('before')
  expect(after.modules[0]!.exports['word']).toBe('after')
})

test('a file that failed loads once it is mended', async () => {
  const dir = ruleFolder({ 'a.ts': `export const word: = 'x'` })
  expect((await load(dir)).failures).toHaveLength(1)
  write(dir, { 'a.ts': `export const word: string = 'x'` })
  expect((await load(dir)).failures).toEqual([])
})

test('declaration files, tests, hidden files and packages are not rule files', async () => {
  const dir = ruleFolder({
    'a.ts': '',
    'types.d.ts': '',
    'a.test.ts': '',
    '.hidden.ts': '',
    'node_modules/b/index.ts': '',
    'note.md': '',
  })
  expect(readRuleFolder(dir).files).toEqual(['a.ts'])
})

test('a syntax error names file and line and shows the place, and the other files load', async () => {
  const dir = ruleFolder({ 'bad.ts': `const a: string = 'x'\nconst b: = 3\n`, 'good.ts': '' })
  const { modules, failures } = await load(dir)
  expect(modules.map(({ file }) => file)).toEqual(['rules/good.ts'])
  expect(failures[0]).toMatchObject({ file: 'rules/bad.ts', line: 2 })
  expect(failures[0]!.reason).toMatch(/^Unexpected token/)
  expect(failures[0]!.frame).toMatch(/const b: = 3\n {9}\^/)
})

test('TypeScript that has to be compiled is refused with its line', async () => {
  expect(await failureOf({ 'a.ts': `export enum Door { Open }` })).toMatch(/^rules\/a\.ts:1: .*enum/)
})

test('a throw while loading names the line and the calls in rule files', async () => {
  expect(
    await failureOf({
      'a.ts': `function go(): never {\n  throw new Error('no door')\n}\nexport default go()\n`,
    }),
  ).toBe('rules/a.ts:2: no door\n    at go (rules/a.ts:2:9)\n    at rules/a.ts:4:16')
})

test('a missing file, export or package names the importing line', async () => {
  expect(await failureOf({ 'a.ts': `\nimport { x } from './gone'\nexport { x }` })).toBe(
    'rules/a.ts:2: it imports "./gone", which does not exist.',
  )
  expect(await failureOf({ 'a.ts': `import { x } from './b.ts'\nexport { x }`, 'b.ts': '' })).toMatch(
    /^rules\/a\.ts:1: .*does not provide an export named 'x'/,
  )
  expect(await failureOf({ 'a.ts': `import x from 'no-such-package'\nexport { x }` })).toMatch(
    /^rules\/a\.ts:1: it imports "no-such-package", which is not installed/,
  )
})

test('a broken helper is named with its own line, and with the file that needs it', async () => {
  const { failures } = await load(
    ruleFolder({ 'a.ts': `import './sub/b.ts'`, 'sub/b.ts': `\nthrow new Error('x')` }),
  )
  expect(failures.map((failure) => `${failure.file}:${failure.line} ${failure.reason}`)).toEqual([
    'rules/sub/b.ts:2 x (imported by rules/a.ts)',
    'rules/sub/b.ts:2 x',
  ])
})

test('a helper that nobody imports any more is no mistake where it lies in a subfolder', async () => {
  const { modules } = await load(ruleFolder({ 'a.ts': '', 'lib/const.ts': `export const word = 'x'` }))
  expect(modules.map(({ part }) => part)).toEqual(['rules', 'either'])
})

test('nothing is said against a helper while the file that may import it does not load', async () => {
  const dir = ruleFolder({
    'a.ts': `import { rule from './lib/const.ts'`,
    'helper.ts': '',
    'lib/const.ts': '',
  })
  const { modules, failures } = await load(dir)
  expect(failures).toHaveLength(1)
  expect(modules.map(({ part }) => part)).toEqual(['helper', 'helper'])
})

test('what rules import from outside is known, and so is where they looked in vain', async () => {
  const dir = ruleFolder({
    'a.ts': `import { word } from '../ext/w'\nexport { word }`,
    'b.ts': `import '../ext/gone.ts'`,
    'c.ts': `import { readFileSync } from 'node:fs'\nimport { z } from 'zod'\nexport { readFileSync, z }`,
  })
  write(dirname(dir), { 'ext/w.ts': `export { word } from './v.ts'`, 'ext/v.ts': `export const word = 1` })
  const folder = readRuleFolder(dir)
  await loadModules(folder)
  const ext = join(dirname(dir), 'ext')
  expect(dependenciesOf(folder.version)).toEqual([
    join(ext, 'gone.ts'),
    join(ext, 'gone.ts.js'),
    join(ext, 'gone.ts.ts'),
    join(ext, 'gone.ts/index.js'),
    join(ext, 'gone.ts/index.ts'),
    join(ext, 'v.ts'),
    join(ext, 'w.ts'),
  ])
})

test('a package that a rule imports counts by its package.json', async () => {
  const dir = ruleFolder({ 'a.ts': `import { word } from 'some-package'\nexport { word }` })
  write(join(dirname(dir), 'node_modules/some-package'), {
    'package.json':
      '{ "name": "some-package", "version": "1.0.0", "type": "module", "exports": "./main.js" }',
    'main.js': 'export const word = 1',
  })
  const folder = readRuleFolder(dir)
  expect((await loadModules(folder)).failures).toEqual([])
  expect(dependenciesOf(folder.version)).toEqual([
    join(dirname(dir), 'node_modules/some-package/package.json'),
  ])
})

test('the file whose code runs next is told before it runs', async () => {
  const dir = ruleFolder({ 'a.ts': 'globalThis.vigieLoadTest.push("ran a")', 'b.ts': '' })
  const said: string[] = []
  Object.assign(globalThis, { vigieLoadTest: said })
  await load(dir, (file) => said.push(file))
  expect(said).toEqual(['rules/a.ts', 'ran a', 'rules/b.ts'])
})

test('a file that waits for something while it loads is told, and keeps no other from loading', async () => {
  const clock = new ManualClock()
  const folder = readRuleFolder(
    ruleFolder({ 'a.ts': `await new Promise(() => {})`, 'b.ts': `export const word = 'there'` }),
  )
  const pass = (): void => void setImmediate(() => clock.advance(31_000))
  const entering = (file: string): void => (file === 'rules/a.ts' ? pass() : undefined)
  const { modules, failures } = await loadModules(folder, entering, clock)
  expect(failures.map(describeFailure)).toEqual([
    'rules/a.ts: it still waits for something after 30s: leave slow work to an action such as call',
  ])
  expect(modules.map(({ exports }) => exports['word'])).toEqual(['there'])
})
