// Tests `src/watch/probes/command.ts`, and `src/watch/probes/program.ts` through it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../support/hub.ts'
import { check, failed, good, unable } from './probing.ts'

const CHILD = fileURLToPath(new URL('command-child.ts', import.meta.url))
const sh = (script: string): readonly string[] => ['/bin/sh', '-c', script]

test.each<[string, readonly string[], readonly number[], object]>([
  ['is good with status 0', sh('exit 0'), [0], good],
  ['is good with any status that is', sh('exit 2'), [0, 2], good],
  [
    'fails with another one, and the first line of what is said',
    sh('echo "no answer" >&2; exit 2'),
    [0],
    failed('it exited with 2: no answer'),
  ],
  [
    'fails with what is said on stdout where that is all',
    sh('echo nothing; exit 1'),
    [0],
    failed('it exited with 1: nothing'),
  ],
  ['fails when a signal ends it', sh('kill -SEGV $$'), [0], failed('it was ended by SIGSEGV')],
  [
    'is given each argument as it is',
    ['/bin/sh', '-c', '[ "$1" = "a  b; exit 3" ]', 'sh', 'a  b; exit 3'],
    [0],
    good,
  ],
  ['does not wait for what is left behind', sh('sleep 60 & exit 0'), [0], good],
  [
    'cannot be checked without its program',
    ['no-such-program'],
    [0],
    unable('no-such-program: there is no such program'),
  ],
  [
    'cannot be checked when that may not run',
    ['/etc/passwd'],
    [0],
    unable('/etc/passwd: it was not started (EACCES)'),
  ],
])('a command ping %s', async (_title, argv, statuses, outcome) => {
  expect(await check({ kind: 'command', argv, statuses })).toEqual(outcome)
})

/** A program that starts another one, waits for it, and writes the pids of both to a file. */
function longProgram() {
  const folder = temporaryFolder()
  const file = join(folder, 'pids')
  const isWritten = Promise.withResolvers<void>()
  const watcher = watch(folder, () => {
    if (existsSync(file) && readFileSync(file, 'utf8').split('\n').length === 3) isWritten.resolve()
  })
  onTestFinished(() => watcher.close())
  const pids = () => readFileSync(file, 'utf8').trim().split('\n')
  const argv = sh(`sleep 60 & printf '%s\\n%s\\n' $$ $! > ${file}; wait`)
  return { argv, runs: isWritten.promise, alive: () => pids().filter(isAlive) }
}

function isAlive(pid: string): boolean {
  try {
    // A zombie is dead; its parent, here whoever adopts orphans, may not have collected it yet.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

test('a command ping ends its program when the time is up, and what that has started', async () => {
  const { argv, runs, alive } = longProgram()
  const stop = new AbortController()
  const checking = check({ kind: 'command', argv, statuses: [0] }, { signal: stop.signal })
  await runs
  stop.abort(new Error('no answer within 5s'))
  expect(await checking).toEqual(failed('no answer within 5s'))
  await expect.poll(alive, { timeout: 10_000 }).toEqual([])
})

test('the program of a command ping, and what that has started, ends with a process that is killed', async () => {
  const { argv, runs, alive } = longProgram()
  const hub = spawn(process.execPath, [CHILD, ...argv], { stdio: ['ignore', 'pipe', 'ignore'] })
  await runs
  // The program is guarded in the turn in which it is started, which may still be under way.
  await once(hub.stdout, 'data')
  await once(hub.stdout, 'data')
  hub.kill('SIGKILL')
  await expect.poll(alive, { timeout: 10_000 }).toEqual([])
})
