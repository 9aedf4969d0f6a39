// Covers `src/base/hub-process.ts`.

import { expect, test } from 'vitest'
import { endProcesses } from '../../src/process/end.ts'
import { whySpared } from '../../src/process/spare.ts'
import type { Users } from '../../src/process/spare.ts'
import type { ProcessEntry, ProcessTable } from '../../src/process/entry.ts'
import { ManualClock } from '../../src/base/clock.ts'

const entry = (pid: number, ppid: number, commandLine: string): ProcessEntry => ({
  identity: { boot: 'b', pid, startTicks: pid },
  pid,
  ppid,
  group: pid,
  session: pid,
  name: 'node',
  program: 'node',
  user: 'media',
  state: 'sleeping',
  commandLine,
  cpuMs: 0,
  ageMs: 1_000,
  memoryBytes: 0,
  files: null,
  cgroup: '',
})
const hub = entry(5_000_100, 5_000_001, 'node src/bin.js start')
const engine = entry(5_000_101, 5_000_100, 'vigie engine')
const other = entry(5_000_102, 5_000_001, 'node server.js')
const table: ProcessTable = {
  uptimeMs: 0,
  byPid: new Map([hub, engine, other].map((each) => [each.pid, each])),
}

test('another hub of the machine and its engine are spared where they are only described', () => {
  const why = ({ pid }: ProcessEntry) => whySpared(pid, table, { isDescribed: true })
  expect(why(engine)).toBe('it is an engine of another vigie')
  expect(why(hub)).toBe('it is another vigie')
  expect(why(other)).toBeUndefined()
})

test('a description ends all that it means but another hub, a pid ends that as well', async () => {
  const gone = new Set<number>()
  const source = {
    read: () => Promise.resolve(table),
    look: (pid: number) => (gone.has(pid) ? undefined : table.byPid.get(pid)),
    carrying: () => Promise.resolve([]),
  }
  const options = {
    graceMs: 0,
    clock: new ManualClock(),
    source,
    signal: (pid: number) => gone.add(pid),
  }
  const targets = [hub, engine, other].map(({ identity }) => identity)
  const endings = await endProcesses(targets, { ...options, isDescribed: true })
  expect(endings.map(({ pid, how }) => [pid, how])).toEqual([
    [hub.pid, 'spared'],
    [engine.pid, 'spared'],
    [other.pid, 'terminated'],
  ])
  expect(gone).toEqual(new Set([other.pid]))
  expect(await endProcesses([engine.identity], options)).toMatchObject([{ how: 'terminated' }])
})

test('a process of another user is spared unless that user is meant', () => {
  const self = { hub: 1_000_000, engine: 1_000_001, user: 'vigie' }
  const BELONGS = 'it belongs to the user media, whom the rule does not name'
  const why = (users: Users | undefined, user = self.user) =>
    whySpared(other.pid, table, users && { users }, { ...self, user })
  expect(why([])).toBe(BELONGS)
  expect(why(['www'])).toBe(BELONGS)
  expect(why(['www', 'media'])).toBeUndefined()
  expect(why('any')).toBeUndefined()
  expect(why([], 'media')).toBeUndefined()
  // What a step of the hub has left is the hub's to end, whoever it has become.
  expect(why(undefined)).toBeUndefined()
})
