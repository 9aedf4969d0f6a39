import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { cgroupIn, cgroups, isOfUnit, isWithin, mountIn } from '../../src/process/cgroup.ts'
import { endProcesses } from '../../src/process/end.ts'
import { isAlive, thisMachine } from '../../src/process/table.ts'
import { eventually, signalOwn, startProcess, startPython } from './start-process.ts'
import { itWith } from '../support/tools.ts'

describe('the control group of a process', () => {
  test.each([
    ['0::/system.slice/nginx.service\n', '/system.slice/nginx.service'],
    ['12:pids:/x\n1:name=systemd:/user.slice/session-4.scope\n0::/\n', '/user.slice/session-4.scope'],
    ['1:name=systemd:/old\n0::/new:er\n', '/new:er'],
    ['0::/\n', '/'],
    ['', ''],
  ])('in %j is %j', (text, path) => {
    expect(cgroupIn(text)).toBe(path)
  })

  test('lies within those above it, level by level', () => {
    expect(isWithin('/a/b', '/a')).toBe(true)
    expect(isWithin('/a', '/a')).toBe(true)
    expect(isWithin('/a', '/')).toBe(true)
    expect(isWithin('/ab', '/a')).toBe(false)
  })

  test('tells its unit, whose kind is service unless it is given', () => {
    expect(isOfUnit('/system.slice/nginx.service/worker', 'nginx')).toBe(true)
    expect(isOfUnit('/system.slice/nginx.service', 'nginx.service')).toBe(true)
    expect(isOfUnit('/user.slice/session-4.scope', 'session-4.scope')).toBe(true)
    expect(isOfUnit('/user.slice/session-4.scope', 'session-4')).toBe(false)
    expect(isOfUnit('/system.slice/getty@tty1.service', 'getty@tty1')).toBe(true)
  })

  test('is mounted where mountinfo says', () => {
    const line = (type: string, at: string): string => `30 23 0:26 / ${at} rw,nosuid shared:4 - ${type} x rw`
    expect(mountIn(`${line('proc', '/proc')}\n${line('cgroup2', '/sys/fs/cgroup/unified')}\n`)).toBe(
      '/sys/fs/cgroup/unified',
    )
    expect(mountIn(line('cgroup', '/sys/fs/cgroup/pids'))).toBeUndefined()
  })
})

const NEEDED = ['python3', 'root, who may make control groups of version 2']

/** A control group of the test's own, which ends with it. */
function ownCgroup(name: string): { readonly path: string; readonly folder: string } {
  const path = `/vigie-test-${process.pid}-${name}`
  const folder = join(mountIn(readFileSync('/proc/self/mountinfo', 'utf8'))!, path)
  mkdirSync(folder)
  onTestFinished(async () => {
    cgroups.kill(path)
    await eventually(() => cgroups.pidsOf(path)?.size === 0)
    rmdirSync(folder)
  })
  return { path, folder }
}

/** Forks all the time, each child in a session of its own, and ignores SIGTERM; a few dozen at one time. */
const FORKING = `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready")
for turn in range(100000):
    if os.fork() == 0:
        os.setsid()
        for depth in range(5):
            if os.fork() != 0: os._exit(0)
            time.sleep(0.02)
        os._exit(0)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]: pass
    except ChildProcessError: pass
    time.sleep(0.01)
`

describe('a process alone in its own control group', () => {
  itWith(...NEEDED)('is ended at once with all that it forks meanwhile', async () => {
    const { path, folder } = ownCgroup('forking')
    const { identity } = await startPython(`open('${folder}/cgroup.procs', 'w').write('0')\n${FORKING}`)
    expect((await thisMachine.read()).byPid.get(identity.pid)?.cgroup).toBe(path)
    const tree = { ...cgroups, pidsOf: (of: string) => (of === path ? new Set([identity.pid]) : undefined) }
    const endings = await endProcesses([identity], {
      graceMs: 0,
      clock: systemClock,
      descendants: true,
      signal: signalOwn,
      cgroups: tree,
    })
    expect(endings.find(({ pid }) => pid === identity.pid)?.how).toBe('killed')
    await eventually(() => cgroups.pidsOf(path)?.size === 0)
  })

  itWith(...NEEDED)('is signalled alone where others share its control group', async () => {
    const { path, folder } = ownCgroup('shared')
    const enter = `open('${folder}/cgroup.procs', 'w').write('0')\n`
    const stubborn = `${enter}import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint("ready")\nsignal.pause()`
    const one = await startPython(stubborn)
    const other = await startPython(stubborn)
    const killed: string[] = []
    await endProcesses([one.identity], {
      graceMs: 0,
      clock: systemClock,
      descendants: true,
      signal: signalOwn,
      cgroups: { ...cgroups, kill: (of) => (killed.push(of), cgroups.kill(of)) },
    })
    expect(cgroups.pidsOf(path)).toEqual(new Set([other.identity.pid]))
    expect(killed).toEqual([])
    expect(isAlive(one.identity, thisMachine)).toBe(false)
    expect(isAlive(other.identity, thisMachine)).toBe(true)
  })
})

test('the root of all control groups, and what lies outside of a container, is never ended', async () => {
  const { identity } = await startProcess('sh', ['-c', 'sleep 60 & echo ready $!; wait'])
  for (const path of ['/', '', '/../outside', '/no/such/group']) {
    expect(cgroups.pidsOf(path)).toBeUndefined()
    expect(cgroups.kill(path)).toBe(false)
  }
  expect(isAlive(identity, thisMachine)).toBe(true)
})
