// Whatever lies at a path that a command is given: it ends in one sentence, never in a stack.
//
// Covers `src/base/operator-error.ts`.

import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { describeFailure } from '../../../src/cli/frame/failure.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

let cwd: string
beforeEach(() => {
  cwd = temporaryFolder()
  mkdirSync(join(cwd, 'rules'))
  mkdirSync(join(cwd, 'folder'))
  mkdirSync(join(cwd, 'inside', 'journal.db'), { recursive: true })
  mkdirSync(join(cwd, 'garbage'))
  writeFileSync(join(cwd, 'garbage', 'journal.db'), 'no database')
  writeFileSync(join(cwd, 'file'), '')
  symlinkSync('/nowhere', join(cwd, 'broken'))
  symlinkSync('loop', join(cwd, 'loop'))
  execFileSync('mkfifo', [join(cwd, 'pipe')])
})

it.each([
  ['history --data file', /file is a file; name the data folder with --data/],
  ['history --data pipe', /pipe is a file; name the data folder with --data/],
  ['runs --data broken', /broken cannot be read: it is a link that leads nowhere/],
  ['why 1 --data loop', /loop cannot be read: it is a link that leads back to itself/],
  ['run show 1 --data file/below', /file\/below cannot be read: a part of its path is a file, not a folder/],
  ['history --data inside', /journal\.db cannot be opened: it is a folder, not a file/],
  ['history --data garbage', /journal\.db is damaged/],
  ['explain a b --data garbage', /journal\.db is damaged/],
  ['backtest rules --data garbage', /journal\.db is damaged/],
  ['history --config folder', /folder cannot be read: it is a folder, not a file/],
  ['check loop', /loop cannot be read: it is a link that leads back to itself/],
  ['check file/below', /file\/below cannot be read: a part of its path is a file, not a folder/],
  ['backtest broken', /broken cannot be read: there is no such file or folder/],
  ['user list --file folder', /folder cannot be read: it is a folder, not a file/],
  ['user list --file loop', /loop cannot be read: it is a link that leads back to itself/],
  ['user import folder', /folder cannot be read: it is a folder, not a file/],
])('vigie %s: one sentence', async (line, sentence) => {
  const { status, error } = await runCommand(line.split(' '), { cwd })
  expect(error).toMatch(sentence)
  expect(error.match(/\n/g)).toHaveLength(1)
  expect(status).toBeGreaterThan(0)
})

it('names the file of any other error of the system, and shows the stack of a fault of ours', () => {
  const system = Object.assign(new Error('EROFS: …'), { syscall: 'open', code: 'EROFS', path: '/mnt/x' })
  expect(describeFailure(system).sentence).toBe('/mnt/x cannot be used: its disk can only be read.')
  expect(describeFailure(new TypeError('oh')).sentence).toMatch(/^TypeError: oh\n +at /)
})
