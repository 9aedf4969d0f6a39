import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os, { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { ownUser, readUserNames } from '../../src/process/users.ts'

it('knows users by their ids, the first name where an id has two', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-users-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'passwd')
  writeFileSync(
    file,
    'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n\nbroken\nann:x:1000:1000::/:\n',
  )
  expect([...readUserNames(file)]).toEqual([
    ['0', 'root'],
    ['1000', 'ann'],
  ])
})

it('knows nobody where there is no file', () => {
  expect(readUserNames('/nowhere/passwd').size).toBe(0)
})

it('knows the user of its own process, by number where the machine has no name for it', () => {
  expect(ownUser()).toBe(os.userInfo().username)
  const nameless = vi.spyOn(os, 'userInfo').mockImplementation(() => {
    throw new Error('ENOENT: uv_os_get_passwd')
  })
  onTestFinished(() => nameless.mockRestore())
  expect(ownUser()).toBe(String(process.getuid?.() ?? ''))
})
