import { once } from 'node:events'
import {
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  watch as fsWatch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Clock, systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { FolderWatch } from '../../../src/engine/supervise/folder-watch.ts'
import type { Beyond } from '../../../src/engine/protocol.ts'
import { readRuleFolder } from '../../../src/engine/load/rule-folder.ts'
import { temporaryFolder } from '../../support/hub.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

const write = (dir: string, name: string, text: string): void => {
  mkdirSync(join(folder, dir), { recursive: true })
  writeFileSync(join(folder, dir, name), text)
}

/** As `ln -sfn` and Kubernetes do: in one move. */
function turn(link: string, target: string): void {
  symlinkSync(target, join(folder, `${link}.new`))
  renameSync(join(folder, `${link}.new`), join(folder, link))
}

const NOTHING: Beyond = { looked: [], folders: [] }

/** Makes changes; each resolves with what `a.ts` says when another content of the folder has been noticed. */
async function watched(dir: string, beyond: () => Beyond = () => NOTHING) {
  let told = (): void => {}
  const dataDir = join(folder, dir, 'data')
  const watch = new FolderWatch({
    rulesDir: join(folder, dir),
    dataDir,
    clock: systemClock,
    log: silentLog,
    changed: () => told(),
  })
  onTestFinished(() => watch.stop())
  await watch.start()
  watch.alsoWatch(beyond())
  const version = (): string =>
    JSON.stringify([readRuleFolder(join(folder, dir), { dataDir }).version, beyond().looked.map(textOf)])
  return async (change: () => void): Promise<string> => {
    const before = version()
    const noticed = new Promise<void>((resolve) => {
      told = () => {
        watch.alsoWatch(beyond())
        if (version() !== before) resolve()
      }
    })
    change()
    await noticed
    return readFileSync(join(folder, dir, 'a.ts'), 'utf8')
  }
}

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() === true
const textOf = (file: string): string => (isFile(file) ? readFileSync(file, 'utf8') : 'none')

/** As a load tells it. */
const linksIn = (dir: string) => (): Beyond => {
  const { links, linkedFolders } = readRuleFolder(join(folder, dir))
  return { looked: links, folders: linkedFolders }
}

test('a folder behind a link that is turned is noticed, and so is what changes in its new place', async () => {
  write('v1', 'a.ts', '1')
  write('v2', 'a.ts', '2')
  turn('rules', 'v1')
  const afterwards = await watched('rules')
  expect(await afterwards(() => turn('rules', 'v2'))).toBe('2')
  expect(await afterwards(() => write('v2', 'a.ts', '3'))).toBe('3')
  expect(await afterwards(() => turn('rules', 'v1'))).toBe('1')
})

test('a link above the folder that is turned is noticed', async () => {
  write('v1/rules', 'a.ts', '1')
  write('v2/rules', 'a.ts', '2')
  turn('current', 'v1')
  const afterwards = await watched('current/rules')
  expect(await afterwards(() => turn('current', 'v2'))).toBe('2')
  expect(await afterwards(() => write('v2/rules', 'b.ts', ''))).toBe('2')
})

test('files that are links through a link are noticed when that is turned, as in a mounted ConfigMap', async () => {
  write('rules/..1', 'a.ts', '1')
  write('rules/..2', 'a.ts', '2')
  turn('rules/..data', '..1')
  symlinkSync('..data/a.ts', join(folder, 'rules/a.ts'))
  const afterwards = await watched('rules', linksIn('rules'))
  expect(await afterwards(() => turn('rules/..data', '..2'))).toBe('2')
})

test('what changes in a folder that a link leads to is noticed, and so is that the link is turned', async () => {
  write('rules', 'b.ts', '')
  write('v1', 'a.ts', '1')
  write('v2', 'a.ts', '2')
  turn('rules/lib', '../v1')
  symlinkSync('lib/a.ts', join(folder, 'rules/a.ts'))
  const afterwards = await watched('rules', linksIn('rules'))
  expect(await afterwards(() => write('v1', 'b.ts', 'new'))).toBe('1')
  expect(await afterwards(() => turn('rules/lib', '../v2'))).toBe('2')
  expect(await afterwards(() => write('v2', 'a.ts', '3'))).toBe('3')
})

test('a link that is left out is not followed', async () => {
  write('rules', 'a.ts', '1')
  turn('rules/up', '..')
  turn('rules/all', '/')
  const afterwards = await watched('rules', linksIn('rules'))
  expect(await afterwards(() => write('rules', 'a.ts', '2'))).toBe('2')
})

test('a file outside of the folder that rules import is noticed when it changes, and when it comes', async () => {
  write('rules', 'a.ts', '1')
  write('ext', 'w.ts', '1')
  const looked = ['w.ts', 'v.ts'].map((name) => join(folder, 'ext', name))
  const afterwards = await watched('rules', () => ({ looked, folders: [] }))
  expect(await afterwards(() => write('ext', 'w.ts', '2'))).toBe('1')
  expect(await afterwards(() => write('ext', 'v.ts', '1'))).toBe('1')
})

test('a folder that is made later is noticed', async () => {
  const dir = join(folder, 'rules')
  const noticed = Promise.withResolvers<readonly string[]>()
  const changed = (): void => noticed.resolve(readRuleFolder(dir).files)
  const watch = new FolderWatch({ rulesDir: dir, clock: systemClock, log: silentLog, changed })
  onTestFinished(() => watch.stop())
  await watch.start()
  write('rules', 'a.ts', '1')
  expect(await noticed.promise).toEqual(['a.ts'])
})

test('what the hub writes into a data folder inside of the rules folder is no change of the rules', async () => {
  write('rules', 'a.ts', '1')
  write('rules/data', 'journal.db', '1')
  // What is noticed is told at once.
  const clock: Clock = { ...systemClock, after: (_lengthMs, act) => (act(), () => {}) }
  const seen: string[] = []
  let told = (): void => {}
  const watch = new FolderWatch({
    rulesDir: join(folder, 'rules'),
    dataDir: join(folder, 'rules/data'),
    clock,
    log: silentLog,
    changed() {
      seen.push(readFileSync(join(folder, 'rules/a.ts'), 'utf8'))
      told()
    },
  })
  onTestFinished(() => watch.stop())
  await watch.start()
  const written = once(fsWatch(join(folder, 'rules/data'), { signal: AbortSignal.timeout(20_000) }), 'change')
  write('rules/data', 'journal.db', '2')
  await written
  // Whoever watched that file would look at it now, in a turn of the loop or two.
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 1))
  const noticed = new Promise<void>((resolve) => (told = resolve))
  write('rules', 'a.ts', '2')
  await noticed
  expect(seen[0]).toBe('2')
})
