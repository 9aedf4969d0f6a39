import { expect, test } from 'vitest'
import type { WatchConditions } from '../../../src/model/watch.ts'
import type { ProcessEntry, ProcessTable } from '../../../src/process/entry.ts'
import { meets, zombiesByParent } from '../../../src/watch/processes/conditions.ts'

const entry = (pid: number, more: Partial<ProcessEntry> = {}): ProcessEntry => ({
  identity: { boot: 'b', pid, startTicks: pid },
  pid,
  ppid: 1,
  group: pid,
  session: pid,
  name: `p${pid}`,
  program: `p${pid}`,
  user: 'media',
  state: 'sleeping',
  commandLine: '',
  cpuMs: 0,
  ageMs: 1_000,
  memoryBytes: 100,
  files: 4,
  cgroup: '',
  ...more,
})
const table = (uptimeMs: number, ...entries: ProcessEntry[]): ProcessTable => ({
  uptimeMs,
  byPid: new Map(entries.map((each) => [each.pid, each])),
})

const machine = (cpuMs: number, uptimeMs: number): ProcessTable =>
  table(
    uptimeMs,
    entry(1, { ppid: 0, name: 'init' }),
    // A daemon leads its session; process 1 of a container starts others in its own.
    entry(2),
    entry(3, { session: 1 }),
    // Its parent has ended.
    entry(4, { session: 2 }),
    entry(50, { name: 'systemd' }),
    entry(51, { ppid: 50, session: 49 }),
    entry(52, { ppid: 50 }),
    entry(6, { cpuMs }),
    entry(7, { state: 'zombie', ppid: 6, files: null }),
    entry(8, { state: 'zombie', ppid: 6, files: null }),
    entry(9, { state: 'waiting', files: 900, ageMs: 9_000, memoryBytes: 900 }),
    entry(10, { state: 'stopped' }),
  )
const earlier = machine(0, 0)
const now = machine(5_000, 10_000)

test.each<[WatchConditions, readonly number[]]>([
  [{ state: 'zombie' }, [7, 8]],
  [{ state: 'waiting' }, [9]],
  [{ state: 'stopped' }, [10]],
  [{ orphan: true }, [4, 51]],
  [{ memoryAboveBytes: 100 }, [9]],
  [{ memoryAboveBytes: 900 }, []],
  [{ ageAboveMs: 8_999 }, [9]],
  [{ cpuAbove: 49 }, [6]],
  [{ cpuAbove: 50 }, []],
  [{ zombiesAbove: 1 }, [6]],
  [{ zombiesAbove: 2 }, []],
  [{ filesAbove: 4 }, [9]],
  [{ filesAbove: 4, state: 'zombie' }, []],
])('with %j it is met by %j', (conditions, pids) => {
  const found = [...now.byPid.values()].filter(meets(conditions, { table: now, earlier }))
  expect(found.map(({ pid }) => pid)).toEqual(pids)
})

test('only the conditions that are given are asked', () => {
  const unreadable = Object.defineProperty(entry(1), 'files', {
    get: (): number => {
      throw new Error('read')
    },
  })
  expect(meets({ state: 'sleeping' as never }, { table: now, earlier })(unreadable)).toBe(true)
  expect(meets({ filesAbove: 1, state: 'zombie' }, { table: now, earlier })(unreadable)).toBe(false)
})

test('zombies are counted by parent', () => {
  expect(zombiesByParent(now)).toEqual(new Map([[6, 2]]))
})
