import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { watchRuleFolder } from '../../../src/engine/supervise/folder-watch.ts'
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

/** Makes changes; each resolves with what `a.ts` says when another content of the folder has been noticed. */
async function watched(dir: string) {
  let told = (): void => {}
  const watch = watchRuleFolder(join(folder, dir), systemClock, silentLog, () => told())
  onTestFinished(() => watch.stop())
  await watch.ready
  return async (change: () => void): Promise<string> => {
    const before = readRuleFolder(join(folder, dir)).version
    const noticed = new Promise<void>((resolve) => {
      told = () => {
        if (readRuleFolder(join(folder, dir)).version !== before) resolve()
      }
    })
    change()
    await noticed
    return readFileSync(join(folder, dir, 'a.ts'), 'utf8')
  }
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
  const afterwards = await watched('rules')
  expect(await afterwards(() => turn('rules/..data', '..2'))).toBe('2')
})
