import { syncBuiltinESMExports } from 'node:module'
import os, { getPriority } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import type { ReniceSpec } from '../../src/model/action.ts'
import { identityOf, startPython } from '../process/start-process.ts'
import { describeWith } from '../support/tools.ts'
import { desk, manner } from './attempt.ts'

const THREADED = `
import os, signal, threading
pid = os.fork()
if pid == 0:
    while True: signal.pause()
thread = threading.Thread(target=threading.Event().wait, daemon=True)
thread.start()
print("ready", pid, thread.native_id)
while True: signal.pause()
`

const renice = (target: ReniceSpec['target'], more: Partial<ReniceSpec> = {}): ReniceSpec => ({
  kind: 'renice',
  target,
  nice: 7,
  ...manner,
  ...more,
})

describeWith('python3')('the renice action', () => {
  test('sets the nice value of a process, its threads and its children', async () => {
    const { identity, told } = await startPython(THREADED)
    const before = getPriority(identity.pid)
    const nice = Math.min(19, before + 7)
    const all = (): number[] => [identity.pid, ...told].map((id) => getPriority(id))
    const target = { identity, name: 'python3' }
    const dry = await perform(renice(target, { nice, dryRun: true }), desk().context)
    expect(dry.result).toMatchObject({ processes: [{ how: 'meant' }, { how: 'meant' }] })
    expect(all()).toEqual([before, before, before])
    expect(await perform(renice(target, { nice }), desk().context)).toMatchObject({
      kind: 'done',
      result: { nice, processes: [{ pid: identity.pid, how: 'reniced' }, { how: 'reniced' }] },
    })
    expect(all()).toEqual([nice, nice, nice])
  })

  test('sets nothing once it is cancelled', async () => {
    const { identity } = await startPython(THREADED)
    const before = getPriority(identity.pid)
    const ending = new AbortController()
    const foundBy = async () => (ending.abort(new Error('the run was cancelled')), [identity])
    const outcome = await perform(
      renice({ watch: 'busy' }, { nice: Math.min(19, before + 7) }),
      desk({ ending }, { foundBy }).context,
    )
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'renice failed: the run was cancelled' })
    expect(getPriority(identity.pid)).toBe(before)
  })

  test('goes on with the other threads where one has ended meanwhile', async () => {
    const { identity, told } = await startPython(THREADED)
    const nice = Math.min(19, getPriority(identity.pid) + 7)
    const { setPriority } = os
    const restore = (): void => {
      os.setPriority = setPriority
      syncBuiltinESMExports()
    }
    onTestFinished(restore)
    os.setPriority = (id: number, priority?: number) => {
      if (id === identity.pid) throw Object.assign(new Error('gone'), { info: { code: 'ESRCH' } })
      setPriority(id, priority!)
    }
    syncBuiltinESMExports()
    const target = { identity, name: 'python3' }
    expect(await perform(renice(target, { nice }), desk().context)).toMatchObject({ kind: 'done' })
    expect(told.map((id) => getPriority(id))).toEqual([nice, nice])
  })

  test('never touches the hub', async () => {
    const target = { identity: identityOf(process.pid), name: 'x' }
    expect(await perform(renice(target, { nice: 19 }), desk().context)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining('it is the hub itself'),
    })
    expect(getPriority(process.pid)).toBeLessThan(19)
  })
})
