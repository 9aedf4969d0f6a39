// Covers `src/process/proc.ts`, `src/process/select.ts`, `src/process/page-size.ts`.

import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openProc } from '../../src/process/proc.ts'
import { selectProcesses } from '../../src/process/select.ts'
import { whySpared } from '../../src/process/spare.ts'
import { pageBytes } from '../../src/process/page-size.ts'
import { parseStat } from '../../src/process/stat.ts'
import { cpuPercent, isAlive, thisMachine } from '../../src/process/table.ts'
import type { ProcessEntry, ProcessTable } from '../../src/process/entry.ts'
import { eventually, startProcess, startPython } from './start-process.ts'
import { itWith } from '../support/tools.ts'

const entry = (pid: number, ppid: number, more: Partial<ProcessEntry> = {}): ProcessEntry => ({
  identity: { boot: 'b', pid, startTicks: 1 },
  pid,
  ppid,
  group: pid,
  session: pid,
  name: `p${pid}`,
  program: `p${pid}`,
  user: 'media',
  state: 'sleeping',
  commandLine: `/usr/bin/p${pid} --fast`,
  cpuMs: 0,
  ageMs: 1000 * pid,
  memoryBytes: 0,
  files: null,
  cgroup: '',
  ...more,
})
const table = (...entries: ProcessEntry[]): ProcessTable => ({
  uptimeMs: 10_000,
  byPid: new Map(entries.map((each) => [each.pid, each])),
})

const SLEEPER = {
  stat: '10 (x) S 1 9 8 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 9000 1 5 1\n',
  status: 'Name:\tx\nUid:\t4242\t0\t0\t0\nVmRSS:\t  20 kB\n',
  cmdline: 'x\0-v\0',
  cgroup: '1:name=systemd:/user.slice\n0::/system.slice/x.service\n',
}

/** A folder like /proc, with these files of each process. */
async function recordedProc(
  processes: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-proc-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'sys/kernel/random'), { recursive: true })
  await writeFile(join(folder, 'sys/kernel/random/boot_id'), 'boot-1\n')
  await writeFile(join(folder, 'uptime'), '100.00 150.00\n')
  for (const [pid, files] of Object.entries(processes)) {
    await mkdir(join(folder, pid))
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, pid, name), text)
  }
  return folder
}

describe('the table of processes', () => {
  test('holds this process as it is', async () => {
    const own = (await thisMachine.read()).byPid.get(process.pid)
    expect(own).toMatchObject({ pid: process.pid, ppid: process.ppid, user: userInfo().username })
    expect(own?.commandLine).toContain('vitest')
    expect(own?.memoryBytes).toBeGreaterThan(2 ** 20)
    expect(own?.ageMs).toBeGreaterThan(0)
    expect(own && isAlive(own.identity, thisMachine)).toBe(true)
  })

  test.each(['a-name-longer-than-fifteen', 'x) S 1 (y'])('gives the name %s in full', async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'vigie-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await symlink('/bin/sh', join(folder, name))
    const { identity } = await startProcess(join(folder, name), ['-c', 'sleep 60 & echo ready $!; wait'])
    expect((await thisMachine.read()).byPid.get(identity.pid)).toMatchObject({
      name,
      program: name,
      identity,
    })
  })

  test('leaves out a process that vanishes while it is read, and reads of the others what is asked for', async () => {
    const folder = await recordedProc({ '10': SLEEPER, '11': { stat: '' } })
    await mkdir(join(folder, '12'))
    const { byPid } = await openProc(folder).read()
    expect([...byPid.keys()]).toEqual([10])
    const { identity, ppid, group, session, name, program, user, state, commandLine } = byPid.get(10)!
    expect(identity).toEqual({ boot: 'boot-1', pid: 10, startTicks: 9000 })
    expect({ ppid, group, session, name, program, user, state, commandLine }).toEqual({
      ppid: 1,
      group: 9,
      session: 8,
      name: 'x',
      program: 'x',
      user: '4242',
      state: 'sleeping',
      commandLine: 'x -v',
    })
    const { cpuMs, ageMs, memoryBytes, files, cgroup } = byPid.get(10)!
    expect({ cpuMs, ageMs, memoryBytes, files, cgroup }).toEqual({
      cpuMs: 2000,
      ageMs: 10_000,
      memoryBytes: 5 * pageBytes(),
      files: null,
      cgroup: '/system.slice/x.service',
    })
  })

  test('reads nothing but stat of the processes that nobody asks about', async () => {
    const folder = await recordedProc({ '10': { stat: SLEEPER.stat } })
    const { byPid } = await openProc(folder).read()
    await writeFile(join(folder, '10', 'cmdline'), 'later\0')
    expect(byPid.get(10)?.commandLine).toBe('later')
  })

  itWith('python3')('finds a busy loop by its share of a core', async () => {
    const { child } = await startPython('print("ready")\nwhile True: pass')
    const before = await thisMachine.read()
    const pid = child.pid ?? 0
    const cpuTicks = (): number => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.cpuTicks ?? 0
    const spent = cpuTicks()
    await eventually(() => cpuTicks() > spent + 20)
    const after = await thisMachine.read()
    const busy = after.byPid.get(pid)
    expect(busy && cpuPercent(busy, after, before)).toBeGreaterThan(1)
  })

  itWith('setsid')(
    'finds children by an environment that they inherit, whoever their parent is now',
    async () => {
      const mark = `VIGIE_KEY=test-${process.pid}`
      const command = '(setsid sleep 60 >/dev/null & echo ready $!); exec sleep 60'
      const { child, told } = await startProcess('sh', ['-c', command], { VIGIE_KEY: `test-${process.pid}` })
      child.kill('SIGKILL')
      // It may still be on its way out.
      await expect.poll(() => thisMachine.carrying(mark)).toEqual(told)
    },
  )
})

describe('the share of a core', () => {
  const earlier = table(entry(5, 1, { cpuMs: 1_000 }))
  const later = (more: Partial<ProcessEntry>): [ProcessEntry, ProcessTable] => {
    const now = entry(5, 1, more)
    return [now, { ...table(now), uptimeMs: 12_000 }]
  }

  test('is processor time over the time between', () => {
    expect(cpuPercent(...later({ cpuMs: 4_000 }), earlier)).toBe(150)
  })

  test('is unknown at the first sight, and for a pid that is another process now', () => {
    expect(cpuPercent(...later({ cpuMs: 4_000 }), undefined)).toBeNull()
    const identity = { boot: 'b', pid: 5, startTicks: 2 }
    expect(cpuPercent(...later({ cpuMs: 4_000, identity }), earlier)).toBeNull()
  })
})

describe('a selector', () => {
  const machine = table(
    entry(3, 1),
    entry(4, 1, { name: 'MainThread', program: 'node', user: 'root' }),
    entry(9, 1, { name: 'p3' }),
    entry(21, 1, { user: 'www', cgroup: '/web.slice/b.scope/sub' }),
    entry(20, 3, { user: 'www', cgroup: '/web.slice/a.service' }),
  )
  test.each([
    [{ name: 'p3' }, [9, 3]],
    [{ name: 'node' }, [4]],
    [{ name: 'p3', olderThanMs: 3_000 }, [9]],
    [{ user: 'media' }, [9, 3]],
    [{ commandLine: 'p[34] ' }, [4, 3]],
    [{ name: 'p3', user: 'root' }, []],
    [{ parent: 'p3' }, [20]],
    [{ parent: 'node' }, []],
    [{ cgroup: '/web.slice' }, [21, 20]],
    [{ cgroup: '/web.slice/a.service' }, [20]],
    [{ cgroup: '/web' }, []],
    [{ unit: 'a' }, [20]],
    [{ unit: 'a.service' }, [20]],
    [{ unit: 'b.scope' }, [21]],
    [{ unit: 'b' }, []],
    [{}, []],
  ])('%j selects %j, oldest first', (selector, pids) => {
    expect(selectProcesses(selector, machine).map(({ pid }) => pid)).toEqual(pids)
  })
})

describe('what the hub spares', () => {
  const machine = table(
    entry(1, 0),
    entry(20, 1),
    entry(21, 20),
    entry(22, 21),
    entry(30, 1),
    entry(40, 22),
    entry(41, 22, { commandLine: 'vigie engine' }),
    entry(42, 22),
    entry(50, 40),
  )
  test.each([
    [1, 'process 1 holds up the whole machine'],
    [22, 'it is the hub itself'],
    [21, 'the hub runs under it'],
    [20, 'the hub runs under it'],
    [0, '0 is not a process'],
    [-5, '-5 is not a process'],
    [40, 'it is an engine of the hub'],
    [41, 'it is an engine of the hub'],
    [42, undefined],
    [50, undefined],
    [30, undefined],
  ])('of process %i it says %j', (pid, why) => {
    expect(whySpared(pid, machine, {}, { hub: 22, engine: 40, user: 'vigie' })).toBe(why)
  })
})
