import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { Clock } from '../../src/base/clock.ts'
import type { ProcessIdentity } from '../../src/model/action.ts'
import { describeSurvivors, endProcesses } from '../../src/process/end.ts'
import type { EndOptions } from '../../src/process/end.ts'
import { isAlive, thisMachine } from '../../src/process/table.ts'
import type { ProcessSource } from '../../src/process/entry.ts'
import { eventually, identityOf, signalOwn, startProcess, startPython } from './start-process.ts'
import { itWith } from '../support/tools.ts'

const end = (targets: readonly ProcessIdentity[], options: Partial<EndOptions> = {}) =>
  endProcesses(targets, { graceMs: 5_000, clock: systemClock, signal: signalOwn, ...options })

const imagined = (pid: number): ProcessIdentity => ({ boot: 'b', pid, startTicks: 1 })

const MAY_NOT = "it is another user's, and the hub may not signal it"

/** What the system says of a signal to a program that has become root. */
function refuse(): never {
  throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
}

/** A machine of the imagination, where SIGTERM ends a process and nothing real is signalled. */
function ownMachine(...processes: readonly [pid: number, ppid: number][]) {
  const entries = new Map(
    processes.map(([pid, ppid]) => [
      pid,
      {
        identity: imagined(pid),
        pid,
        ppid,
        group: 0,
        session: 0,
        name: `p${pid}`,
        program: `p${pid}`,
        user: 'media',
        state: 'sleeping' as const,
        commandLine: '',
        cpuMs: 0,
        ageMs: 0,
        memoryBytes: 0,
        files: null,
        cgroup: '',
      },
    ]),
  )
  const source: ProcessSource = {
    read: () => Promise.resolve({ uptimeMs: 0, byPid: new Map(entries) }),
    look: (pid) => entries.get(pid),
    carrying: () => Promise.resolve([]),
  }
  const signals: string[] = []
  const signal = (pid: number, name: string): void => {
    signals.push(`${name} ${pid}`)
    entries.delete(pid)
  }
  return { source, signal, signals }
}

describe('ending a process', () => {
  itWith('python3')('asks with SIGTERM, and sees it go', async () => {
    const { identity, ended } = await startPython('print("ready")\nwhile True: pass')
    expect(await end([identity])).toEqual([{ pid: identity.pid, name: 'python3', how: 'terminated' }])
    expect(await ended).toEqual([null, 'SIGTERM'])
  })

  itWith('python3')('takes SIGKILL for one that ignores SIGTERM, after the grace period', async () => {
    const { identity, ended } = await startPython(
      'import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint("ready")\nsignal.pause()',
    )
    expect(await end([identity], { graceMs: 60 })).toMatchObject([{ how: 'killed' }])
    expect(await ended).toEqual([null, 'SIGKILL'])
  })

  test('says of one that may not be signalled that it goes on, without waiting for it', async () => {
    const { source } = ownMachine([10, 1])
    const clock = { ...systemClock, after: () => expect.unreachable('it waited') }
    const endings = await end([imagined(10)], { source, clock, signal: refuse })
    expect(endings).toEqual([{ pid: 10, name: 'p10', how: 'survived', why: MAY_NOT }])
    expect(describeSurvivors(endings)).toBe(`p10 (10): ${MAY_NOT}`)
  })

  test('sees one go that may not be signalled, when what it stands for has ended', async () => {
    const { source, signal } = ownMachine([10, 1], [11, 10], [20, 1])
    const clock: Clock = {
      ...systemClock,
      after(_ms, lookAgain) {
        signal(10, 'by itself')
        queueMicrotask(lookAgain)
        return () => {}
      },
    }
    const ending = end([imagined(10), imagined(20)], {
      source,
      clock,
      descendants: true,
      signal: (pid, name) => (pid === 11 ? signal(pid, name) : refuse()),
    })
    expect(await ending).toMatchObject([
      { pid: 10, how: 'terminated' },
      { pid: 20, how: 'survived', why: MAY_NOT },
      { pid: 11, how: 'terminated' },
    ])
  })

  test('does not touch a process that has the pid of one that ended', async () => {
    const { identity, child } = await startProcess('sh', ['-c', 'sleep 60 & echo ready $!; wait'])
    const earlier = { ...identity, startTicks: identity.startTicks - 1 }
    const otherBoot = { ...identity, boot: 'before' }
    expect(await end([earlier], { graceMs: 0 })).toMatchObject([{ how: 'gone' }])
    expect(await end([otherBoot], { graceMs: 0 })).toMatchObject([{ how: 'gone' }])
    expect(isAlive(identity, thisMachine)).toBe(true)
    expect(child.signalCode).toBeNull()
  })

  test('does not touch a process that takes over the pid between the look at the table and the signal', async () => {
    const { identity } = await startProcess('sh', ['-c', 'sleep 60 & echo ready $!; wait'])
    const reused = { ...identity, startTicks: identity.startTicks + 1 }
    const source = { ...thisMachine, look: () => ({ identity: reused, state: 'running' as const }) }
    expect(await end([identity], { graceMs: 0, source })).toMatchObject([{ how: 'terminated' }])
    expect(isAlive(identity, thisMachine)).toBe(true)
  })

  test('takes a process for gone that has ended since the table was read, when nobody can say whose it was', async () => {
    const { source } = ownMachine([10, 1])
    const gone = { ...source, look: () => undefined }
    expect(await end([imagined(10)], { source: gone, graceMs: 0, users: [] })).toEqual([
      { pid: 10, name: 'p10', how: 'gone' },
    ])
  })

  test('spares process 1, the hub and what the hub runs under, and signals nothing that these started', async () => {
    const machine = ownMachine([1, 0], [40, 1], [process.pid, 40], [50, 1], [60, 40], [70, process.pid])
    const targets = [1, 40, process.pid].map((pid) => imagined(pid))
    const endings = await end(targets, { ...machine, graceMs: 0, descendants: true })
    expect(endings).toEqual([
      { pid: 1, name: 'p1', how: 'spared', why: 'process 1 holds up the whole machine' },
      { pid: 40, name: 'p40', how: 'spared', why: 'the hub runs under it' },
      { pid: process.pid, name: `p${process.pid}`, how: 'spared', why: 'it is the hub itself' },
    ])
    expect(machine.signals).toEqual([])
  })

  test('signals a target and its descendants, and nobody else', async () => {
    const machine = ownMachine([1, 0], [process.pid, 1], [50, 1], [51, 50], [52, 51], [60, 1], [61, 60])
    await end([imagined(50)], { ...machine, graceMs: 0, descendants: true })
    expect(machine.signals).toEqual(['SIGTERM 50', 'SIGTERM 51', 'SIGTERM 52'])
  })

  itWith('python3')('says of a zombie that it has gone', async () => {
    const { told } = await startPython(
      'import os, signal\npid = os.fork()\nif pid == 0: os._exit(0)\nos.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\nprint("ready", pid)\nsignal.pause()',
    )
    expect(await end(told.map(identityOf))).toMatchObject([
      { how: 'gone', why: expect.stringContaining('zombie') },
    ])
  })
})

describe('ending a tree of processes', () => {
  itWith('setsid')('reaches a grandchild in a session of its own', async () => {
    const { identity, told } = await startProcess('sh', [
      '-c',
      'setsid sleep 60 >/dev/null & echo ready $!; wait',
    ])
    const grandchildren = told.map(identityOf)
    expect((await end([identity], { descendants: true })).map(({ how }) => how)).toEqual([
      'terminated',
      'terminated',
    ])
    expect(grandchildren.some((each) => isAlive(each, thisMachine))).toBe(false)
  })

  itWith('setsid')('leaves children alone unless told', async () => {
    const { identity, told } = await startProcess('sh', [
      '-c',
      'setsid sleep 60 >/dev/null & echo ready $!; wait',
    ])
    await end([identity])
    expect(told.map(identityOf).every((each) => isAlive(each, thisMachine))).toBe(true)
  })

  itWith('setsid')('finds by its environment what its parent left behind', async () => {
    const key = `tree-${process.pid}`
    const { identity, told } = await startProcess(
      'sh',
      ['-c', '(setsid sleep 60 >/dev/null & echo ready $!); exec sleep 60'],
      {
        VIGIE_KEY: key,
      },
    )
    const orphan = told.map(identityOf)
    process.kill(identity.pid, 'SIGKILL')
    await eventually(() => !isAlive(identity, thisMachine))
    await end([identity], { descendants: true, carrying: `VIGIE_KEY=${key}` })
    expect(orphan.some((each) => isAlive(each, thisMachine))).toBe(false)
  })

  itWith('setsid')('outruns a child that starts another when it is told to end', async () => {
    const { identity } = await startProcess(
      'sh',
      [
        '-c',
        'exec 2>/dev/null; trap "setsid sleep 60 >/dev/null & wait" TERM; echo ready; while :; do sleep 0.05; done',
      ],
      { VIGIE_KEY: `respawn-${process.pid}` },
    )
    await end([identity], { graceMs: 300, descendants: true, carrying: `VIGIE_KEY=respawn-${process.pid}` })
    expect(await thisMachine.carrying(`VIGIE_KEY=respawn-${process.pid}`)).toEqual([])
  })
})
