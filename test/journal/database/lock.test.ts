// Covers `src/base/make-folder.ts`.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { JournalError } from '../../../src/journal/database/journal-error.ts'
import { lockFolder } from '../../../src/journal/database/lock.ts'
import { temporaryFolder } from '../fixtures.ts'
import { itWith } from '../../support/tools.ts'

/** Starts another process that locks the folder. */
async function holder(dataDir: string) {
  const lock = new URL('../../../src/journal/database/lock.ts', import.meta.url).href
  const code = `const { lockFolder } = await import(${JSON.stringify(lock)})
    const unlock = lockFolder(${JSON.stringify(dataDir)})
    console.log('held')
    setInterval(() => unlock, 1_000) // so that it is not collected, lock and all`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

describe('the lock on the data folder', () => {
  it('refuses a second hub, and names the process that holds the folder', async () => {
    const dataDir = temporaryFolder()
    const { pid } = await holder(dataDir)
    expect(() => lockFolder(dataDir)).toThrow(
      `The data folder ${dataDir} is in use by another hub (pid ${pid}); ` +
        'stop that one, or choose another folder with --data.',
    )
  })

  it('goes with the process that held it, even by SIGKILL', async () => {
    const dataDir = temporaryFolder()
    const child = await holder(dataDir)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(lockFolder(dataDir)).not.toThrow()
  })

  it('refuses a second hub of the same process, and is free again once given back, twice if need be', () => {
    const dataDir = temporaryFolder()
    const unlock = lockFolder(dataDir)
    expect(() => lockFolder(dataDir)).toThrow(JournalError)
    unlock()
    unlock()
    expect(lockFolder(dataDir)).not.toThrow()
  })

  it('is not held by a note of a process that is gone, or whose number is in use again', () => {
    const dataDir = temporaryFolder()
    writeFileSync(join(dataDir, 'hub.pid'), `${process.pid}\n`)
    expect(lockFolder(dataDir)).not.toThrow()
  })

  itWith('Linux').each(['folder', 'files'])(
    'refuses a folder whose %s were removed under a hub that still runs, each time',
    async (what) => {
      const dataDir = temporaryFolder()
      const { pid } = await holder(dataDir)
      const removed = what === 'folder' ? [dataDir] : readdirSync(dataDir).map((name) => join(dataDir, name))
      for (const path of removed) rmSync(path, { recursive: true })
      for (let times = 0; times < 2; times++)
        expect(() => lockFolder(dataDir)).toThrow(
          `The data folder ${dataDir} was emptied or replaced while a hub (pid ${pid}) uses it`,
        )
    },
  )

  it('leaves the note of the hub that has the folder now', () => {
    const dataDir = temporaryFolder()
    const unlock = lockFolder(dataDir)
    rmSync(join(dataDir, 'hub.lock'))
    writeFileSync(join(dataDir, 'hub.lock'), '')
    writeFileSync(join(dataDir, 'hub.pid'), '1\n')
    unlock()
    expect(readFileSync(join(dataDir, 'hub.pid'), 'utf8')).toBe('1\n')
  })

  it('says what to do about a lock file that is none', () => {
    const dataDir = temporaryFolder()
    const path = join(dataDir, 'hub.lock')
    writeFileSync(path, 'certainly no lock, but long enough to be looked at'.repeat(100))
    expect(() => lockFolder(dataDir)).toThrow(
      `${path} is not the lock file of a hub (file is not a database); ` +
        'it holds no data: remove it if no hub uses',
    )
  })

  it('makes the folder, and says so when it cannot', () => {
    const dataDir = temporaryFolder()
    expect(lockFolder(join(dataDir, 'deep', 'er'))).not.toThrow()
    writeFileSync(join(dataDir, 'file'), '')
    expect(() => lockFolder(join(dataDir, 'file', 'er'))).toThrow(
      /^The data folder .*file\/er cannot be used \(EEXIST: .*\); let this user write there, or choose .*\.$/,
    )
    expect(() => lockFolder(join(dataDir, 'file'))).toThrow(/cannot be used \(EEXIST: /)
  })
})
