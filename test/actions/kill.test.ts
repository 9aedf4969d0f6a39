// Covers `src/actions/targets.ts`.

import os from 'node:os'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import type { KillSpec } from '../../src/model/action.ts'
import { isAlive, thisMachine } from '../../src/process/table.ts'
import { identityOf, signalOwn, startProcess, startPython } from '../process/start-process.ts'
import { desk, manner } from './attempt.ts'
import { itWith } from '../support/tools.ts'

const signals = vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
  signalOwn(pid, signal as NodeJS.Signals)
  return true
})
beforeEach(() => signals.mockClear())

const kill = (target: KillSpec['target'], more: Partial<KillSpec> = {}): KillSpec => ({
  kind: 'kill',
  target,
  graceMs: 5_000,
  ...manner,
  ...more,
})

let lastName = 0
/** A busy loop that nothing else on this machine is called like. */
async function startBusy() {
  const word = `vigie-test-${process.pid}-${++lastName}`
  const started = await startPython(`"${word}"\nprint("ready")\nwhile True: pass`)
  return { ...started, word }
}

const startFamily = () => startProcess('sh', ['-c', 'setsid sleep 60 >/dev/null & echo ready $!; wait'])
const startDeaf = () => startProcess('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'])
const startSleeping = () => startProcess('sh', ['-c', 'echo ready; exec sleep 60'])

describe('the kill action', () => {
  itWith('python3')('ends what it selects by command line, and nothing else', async () => {
    const one = await startBusy()
    const other = await startBusy()
    expect(
      await perform(kill({ select: { name: 'python3', commandLine: one.word } }), desk().context),
    ).toEqual({
      kind: 'done',
      result: { processes: [{ pid: one.identity.pid, name: 'python3', how: 'terminated' }] },
    })
    expect(isAlive(one.identity, thisMachine)).toBe(false)
    expect(isAlive(other.identity, thisMachine)).toBe(true)
  })

  itWith('python3')('ends the process that a watch has seen, by its identity', async () => {
    const { identity } = await startBusy()
    const target = { identity, name: 'python3' }
    expect(await perform(kill(target), desk().context)).toMatchObject({ kind: 'done' })
    expect(await perform(kill(target), desk().context)).toMatchObject({
      kind: 'done',
      result: { processes: [{ how: 'gone' }] },
    })
  })

  test('takes SIGKILL after the grace period', async () => {
    const { identity } = await startDeaf()
    expect(await perform(kill({ identity, name: 'sh' }, { graceMs: 60 }), desk().context)).toMatchObject({
      kind: 'done',
      result: { processes: [{ how: 'killed' }] },
    })
  })

  test('ends with its time, also within the grace, and sends no SIGKILL from then on', async () => {
    const { identity } = await startDeaf()
    const patient = kill({ identity, name: 'sh' }, { graceMs: 60_000, timeoutMs: 100 })
    expect(await perform(patient, desk().context)).toMatchObject({
      kind: 'retry',
      reason: `timed out after 100ms; not ended: sh (${identity.pid}): it still ran when the attempt was ended`,
    })
    expect(signals.mock.calls).toEqual([[identity.pid, 'SIGTERM']])
    expect(isAlive(identity, thisMachine)).toBe(true)
  })

  test('sends no SIGKILL once it is cancelled', async () => {
    const { identity } = await startDeaf()
    const ending = new AbortController()
    signals.mockImplementationOnce((pid, signal) => {
      signalOwn(pid, signal as NodeJS.Signals)
      ending.abort(new Error('the run was cancelled'))
      return true
    })
    expect(await perform(kill({ identity, name: 'sh' }), desk({ ending }).context)).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('the run was cancelled; not ended'),
    })
    expect(signals.mock.calls).toEqual([[identity.pid, 'SIGTERM']])
  })

  itWith('setsid')('ends what they started only where the rule says so', async () => {
    const one = await startFamily()
    await perform(kill({ identity: one.identity, name: 'sh' }), desk().context)
    expect(one.told.map(identityOf).every((each) => isAlive(each, thisMachine))).toBe(true)
    const other = await startFamily()
    const outcome = await perform(
      kill({ identity: other.identity, name: 'sh' }, { descendants: true }),
      desk().context,
    )
    expect(outcome.result?.processes).toHaveLength(2)
  })

  itWith('setsid')('signals nobody in a dry run, and names all whom it would', async () => {
    const { identity, told } = await startFamily()
    const target = { identity, name: 'sh' }
    const dry = await perform(kill(target, { descendants: true, dryRun: true }), desk().context)
    expect(dry).toMatchObject({ kind: 'done', result: { processes: [{ how: 'meant' }, { how: 'meant' }] } })
    expect([identity, ...told.map(identityOf)].every((each) => isAlive(each, thisMachine))).toBe(true)
    expect(signals).not.toHaveBeenCalled()
  })

  test('ends what a watch has found', async () => {
    const { identity } = await startSleeping()
    const foundBy = async (watch: string) => (watch === 'runaway' ? [identity] : [])
    expect(await perform(kill({ watch: 'other' }), desk({}, { foundBy }).context)).toMatchObject({
      result: { processes: [] },
    })
    await perform(kill({ watch: 'runaway' }), desk({}, { foundBy }).context)
    expect(isAlive(identity, thisMachine)).toBe(false)
  })

  test('leaves the processes of another user alone, unless that user is meant', async () => {
    const { identity } = await startSleeping()
    const own = os.userInfo()
    const user = vi.spyOn(os, 'userInfo').mockReturnValue({ ...own, username: 'vigie' })
    onTestFinished(() => user.mockRestore())
    const target = { identity, name: 'sh' }
    expect(await perform(kill(target), desk().context)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining(`it belongs to the user ${own.username}, whom the rule does not name`),
    })
    expect(isAlive(identity, thisMachine)).toBe(true)
    expect(await perform(kill(target, { users: [own.username] }), desk().context)).toMatchObject({
      kind: 'done',
    })
    expect(isAlive(identity, thisMachine)).toBe(false)
  })

  test('is given up when its time is over', async () => {
    const { identity } = await startSleeping()
    const late = kill({ identity, name: 'sh' }, { notAfter: Date.now() - 5_000 })
    expect(await perform(late, desk().context)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringMatching(/^the command expired .* before it could be carried out$/),
    })
    expect(isAlive(identity, thisMachine)).toBe(true)
  })

  test('is done when there is nothing to end', async () => {
    expect(await perform(kill({ select: { name: `no-such-${process.pid}` } }), desk().context)).toEqual({
      kind: 'done',
      result: { processes: [] },
    })
    expect(await perform(kill({ select: {} }), desk().context)).toMatchObject({ result: { processes: [] } })
  })

  test.each([1, process.pid, process.ppid])('refuses process %i for good', async (pid) => {
    const target = { identity: identityOf(pid), name: 'x' }
    expect(await perform(kill(target, { descendants: true }), desk().context)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining('the hub never ends such a process'),
      result: { processes: [{ pid, how: 'spared' }] },
    })
    expect(signals).not.toHaveBeenCalled()
  })
})
