import { expect, test } from 'vitest'
import type { ProcessEntry, ProcessTable } from '../../src/process/entry.ts'
import { walkTrees } from '../../src/process/tree.ts'

const entry = (pid: number, ppid: number, more: Partial<ProcessEntry> = {}): ProcessEntry => ({
  identity: { boot: 'b', pid, startTicks: 1 },
  pid,
  ppid,
  group: 1,
  session: 1,
  name: `p${pid}`,
  program: `p${pid}`,
  user: 'media',
  state: 'sleeping',
  commandLine: '',
  cpuMs: 0,
  ageMs: 0,
  memoryBytes: 0,
  files: null,
  cgroup: '',
  ...more,
})
const table = (...entries: ProcessEntry[]): ProcessTable => ({
  uptimeMs: 0,
  byPid: new Map(entries.map((each) => [each.pid, each])),
})
const older = { boot: 'b', pid: 8, startTicks: 0 }

function belongingTo(
  roots: readonly ProcessEntry[],
  machine: ProcessTable,
  enters = (_entry: ProcessEntry) => true,
): number[] {
  const found: number[] = []
  walkTrees(roots, machine, (each) => (found.push(each.pid), enters(each)))
  return found.toSorted((one, other) => one - other)
}

test('descendants are found at every depth, and a circle ends', () => {
  const machine = table(
    entry(2, 1),
    entry(3, 2),
    entry(4, 3),
    entry(5, 1),
    entry(6, 7),
    entry(7, 6),
    entry(8, 2, { identity: older }),
  )
  expect(belongingTo([entry(2, 1), entry(6, 7)], machine)).toEqual([3, 4, 7])
  expect(belongingTo([entry(2, 1, { identity: { boot: 'b', pid: 2, startTicks: 9 } })], machine)).toEqual([])
})

test('what has lost its parent is found in the group or the session that a process of the tree leads', () => {
  const machine = table(
    entry(2, 1, { group: 2, session: 2 }),
    entry(3, 2, { group: 3, session: 2 }),
    entry(10, 1, { group: 3, session: 2 }),
    entry(11, 1, { group: 99, session: 2 }),
    entry(12, 11),
    entry(13, 1, { group: 13, session: 13 }),
  )
  expect(belongingTo([entry(2, 1)], machine)).toEqual([3, 10, 11, 12])
  expect(belongingTo([entry(3, 2)], machine)).toEqual([10])
})

test('nothing is found behind a process that is not entered', () => {
  const machine = table(entry(2, 1, { group: 2 }), entry(3, 1, { group: 2 }), entry(4, 3))
  expect(belongingTo([entry(2, 1)], machine, ({ pid }) => pid !== 3)).toEqual([3])
})
