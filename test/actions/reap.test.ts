import { beforeAll, expect, test, vi } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import type { ReapSpec } from '../../src/model/action.ts'
import { isAlive, thisMachine } from '../../src/process/table.ts'
import { identityOf, signalOwn, startPython } from '../process/start-process.ts'
import { desk, manner } from './attempt.ts'
import { describeWith } from '../support/tools.ts'

beforeAll(() => {
  vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    signalOwn(pid, signal as NodeJS.Signals)
    return true
  })
})

/** A child that has exited and that its parent does not clear away. */
const FORK = `
import os, signal, sys
pid = os.fork()
if pid == 0: os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
`
const DEAF = `${FORK}
print("ready", pid)
while True: signal.pause()
`
const HEARING = `${FORK}
signal.signal(signal.SIGCHLD, lambda *_: os.waitpid(-1, os.WNOHANG))
print("ready", pid)
while True: signal.pause()
`

async function startZombie(program: string) {
  const parent = await startPython(program)
  const identity = identityOf(parent.told[0] ?? 0)
  expect(thisMachine.look(identity.pid)?.state).toBe('zombie')
  return { parent, identity }
}

const reap = (identity: ReapSpec['target']['identity'], parent: ReapSpec['parent'] = 'nudge'): ReapSpec => ({
  kind: 'reap',
  target: { identity, name: 'python3' },
  parent,
  ...manner,
})

describeWith('python3')('the reap action', () => {
  test('nudges the parent, which clears the zombie away', async () => {
    const { parent, identity } = await startZombie(HEARING)
    expect(await perform(reap(identity), desk().context)).toEqual({
      kind: 'done',
      result: { how: 'nudged', parent: { pid: parent.identity.pid, name: 'python3' } },
    })
    expect(thisMachine.look(identity.pid)).toBeUndefined()
    expect(isAlive(parent.identity, thisMachine)).toBe(true)
  })

  test('leaves a parent alone that does not listen, and says what would help', async () => {
    const { parent, identity } = await startZombie(DEAF)
    expect(await perform(reap(identity), desk().context)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining("parent: 'terminate'"),
    })
    expect(isAlive(parent.identity, thisMachine)).toBe(true)
  })

  test('ends a parent that does not listen where the rule says so, and process 1 clears away', async () => {
    const { parent, identity } = await startZombie(DEAF)
    expect(await perform(reap(identity, 'terminate'), desk().context)).toEqual({
      kind: 'done',
      result: {
        how: 'parent-ended',
        parent: { pid: parent.identity.pid, name: 'python3', how: 'terminated' },
      },
    })
    expect(thisMachine.look(identity.pid)).toBeUndefined()
  })

  test('ends no parent once it is cancelled', async () => {
    const { parent, identity } = await startZombie(DEAF)
    const ending = new AbortController()
    const outcome = perform(reap(identity, 'terminate'), desk({ ending }).context)
    ending.abort(new Error('the run was cancelled'))
    expect(await outcome).toMatchObject({ kind: 'retry', reason: 'reap failed: the run was cancelled' })
    expect(isAlive(parent.identity, thisMachine)).toBe(true)
  })

  test('has nothing to do when the zombie is gone, or its pid is another process', async () => {
    const { identity } = await startZombie(DEAF)
    const earlier = { ...identity, startTicks: identity.startTicks - 1 }
    expect(await perform(reap(earlier), desk().context)).toEqual({ kind: 'done', result: { how: 'gone' } })
  })

  test('does not touch a process that is no zombie', async () => {
    const { parent } = await startZombie(DEAF)
    expect(await perform(reap(parent.identity, 'terminate'), desk().context)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining('is no zombie'),
    })
    expect(isAlive(parent.identity, thisMachine)).toBe(true)
  })
})
