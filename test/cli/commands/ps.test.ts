import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { leaveAddress } from '../../../src/config/hub-file.ts'
import type { WatchedProcess, WatchedProcesses } from '../../../src/model/watch.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

/** A folder whose hub sees these processes. */
async function folderWith(seen: WatchedProcesses): Promise<string> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'data'))
  const server = createServer((_request, answer) => answer.end(JSON.stringify(seen))).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  leaveAddress(join(folder, 'data'), { pid: process.pid, http: `http://127.0.0.1:${port}`, mqtt: null })
  return folder
}

const found = (more: Partial<WatchedProcess>): WatchedProcess => ({
  pid: 4711,
  identity: { boot: 'test', pid: 4711, startTicks: 1 },
  parent: null,
  ppid: 1,
  name: 'ffmpeg',
  user: 'media',
  cpuPercent: 99.5,
  memoryBytes: 300 * 2 ** 20,
  ageMs: 3_600_000,
  heldMs: null,
  isTold: false,
  state: 'running',
  commandLine: 'ffmpeg -i /srv/films/in.mkv -c:v libx265 -preset slow /srv/films/out.mkv',
  ...more,
})

const SEEN: WatchedProcesses = {
  watches: [
    {
      name: 'busy',
      problem: '',
      count: 3,
      attempt: 0,
      hasGivenUp: false,
      processes: [
        found({}),
        found({ pid: 7, cpuPercent: null, heldMs: 120_000, isTold: true, commandLine: 'sh' }),
      ],
    },
  ],
  zombies: [
    {
      pid: 12,
      name: 'sh',
      ageMs: 60_000,
      parent: { identity: found({}).identity, pid: 4711, name: 'ffmpeg' },
    },
  ],
}

it('lists processes in columns that are no wider than they have to be', async () => {
  const { out } = await runCommand(['ps'], { cwd: await folderWith(SEEN) })
  expect(out.split('\n')).toEqual([
    'busy: 3 processes',
    `  4711 99.5% 300 MiB media 1h             ${found({}).commandLine}`,
    '     7     - 300 MiB media 1h reported 2m sh',
    '  and 1 more',
    'zombies',
    '  12 sh, started 1m ago, is not reaped by ffmpeg (4711)',
    '',
  ])
})

it('keeps each process on one line of a terminal of 80 columns, and its colours in order', async () => {
  const terminal = { cwd: await folderWith(SEEN), isTty: true, hasColors: true, columns: 80 }
  const lines = (await runCommand(['ps'], terminal)).out.split('\n')
  expect(stripVTControlCharacters(lines[1]!)).toBe(
    '  4711 99.5% 300 MiB media 1h             ffmpeg -i /srv/films/in.mkv -c:v libx…',
  )
  expect(lines[2]).toBe('\u001B[33m     7     - 300 MiB media 1h reported 2m\u001B[39m sh')
})
