import { expect, onTestFinished, test, vi } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import type { ProcessIdentity, RestartSpec } from '../../src/model/action.ts'
import { isAlive, thisMachine } from '../../src/process/table.ts'
import { signalOwn, startProcess } from '../process/start-process.ts'
import { itWith } from '../support/tools.ts'
import { desk, manner } from './attempt.ts'

vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
  signalOwn(pid, signal as NodeJS.Signals)
  return true
})

const restart = (argv: readonly string[], more: Partial<RestartSpec> = {}): RestartSpec => ({
  kind: 'restart',
  argv,
  graceMs: 5_000,
  ...manner,
  ...more,
})

/** Distinguishes the steps of this file from those of others: what they start is found by their key. */
let lastRun = process.pid * 1_000
const anotherStep = () => desk({ run: ++lastRun }).context

async function started(spec: RestartSpec, context = anotherStep()) {
  const outcome = await perform(spec, context)
  const { pid, identity } = outcome.result as { pid?: number; identity?: ProcessIdentity }
  if (pid !== undefined) onTestFinished(() => signalOwn(pid, 'SIGKILL'))
  return { outcome, identity: identity! }
}

test('a command is started in a session of its own, and outlives its step', async () => {
  const { outcome, identity } = await started(restart(['sleep', '60']))
  expect(outcome).toMatchObject({ kind: 'done', result: { how: 'started', processes: [] } })
  const entry = (await thisMachine.read()).byPid.get(identity.pid)!
  expect([entry.name, entry.session]).toEqual(['sleep', identity.pid])
})

test('a step that is done again finds what it has started, and starts no second one', async () => {
  const context = anotherStep()
  const first = await started(restart(['sleep', '60']), context)
  const second = await started(restart(['sleep', '60']), context)
  expect(second.outcome).toMatchObject({ kind: 'done', result: { how: 'found' } })
  expect(second.identity).toEqual(first.identity)
  const other = await started(restart(['sleep', '60']))
  expect(other.identity).not.toEqual(first.identity)
})

test('what is to be replaced is ended first, and in a dry run nothing is', async () => {
  const { identity } = await startProcess('sh', ['-c', 'sleep 60 & echo ready $!; wait'])
  const stop = { identity, name: 'sh' }
  expect((await started(restart(['sleep', '60'], { stop, dryRun: true }))).outcome).toMatchObject({
    kind: 'done',
    result: { how: 'meant', processes: [{ pid: identity.pid, how: 'meant' }, { how: 'meant' }] },
  })
  expect(isAlive(identity, thisMachine)).toBe(true)
  const { outcome } = await started(restart(['sleep', '60'], { stop }))
  expect(outcome).toMatchObject({ result: { how: 'started', processes: [{ how: 'terminated' }, {}] } })
  expect(isAlive(identity, thisMachine)).toBe(false)
})

test('nothing is started once the step is cancelled, or its time is up, while the old one is ended', async () => {
  const { identity } = await startProcess('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'])
  const stop = { identity, name: 'sh' }
  const { outcome } = await started(restart(['sleep', '60'], { stop, graceMs: 200, timeoutMs: 50 }))
  expect(outcome).toMatchObject({
    kind: 'retry',
    reason: expect.stringMatching(/^timed out after 50ms; not ended: sh \(.*; nothing was started$/),
    result: { processes: [{ pid: identity.pid, how: 'survived' }, {}] },
  })
  expect(outcome.result).not.toHaveProperty('pid')
})

test.each([
  [['sh', '-c', 'exit 3'], 'retry', 'sh exited with 3 as soon as it was started'],
  [['sh', '-c', 'kill -9 $$'], 'retry', 'sh was ended by SIGKILL as soon as it was started'],
  [['no-such-program-here'], 'give-up', 'no such program is on the PATH'],
])('%j does not come up: %s', async (argv, kind, reason) => {
  expect((await started(restart(argv))).outcome).toMatchObject({
    kind,
    reason: expect.stringContaining(reason),
  })
})

itWith('setsid')(
  'a command that goes into the background by itself is done, and is found again',
  async () => {
    const context = anotherStep()
    const command = restart(['sh', '-c', 'setsid sleep 60 >/dev/null 2>&1 &'])
    expect((await started(command, context)).outcome).toMatchObject({
      kind: 'done',
      result: { how: 'exited' },
    })
    expect((await started(command, context)).outcome).toMatchObject({
      kind: 'done',
      result: { how: 'found' },
    })
  },
)

test('the environment holds what the rule says, and not the key by which a step is ended', async () => {
  process.env['VIGIE_KEY'] = 'of the hub'
  onTestFinished(() => void delete process.env['VIGIE_KEY'])
  const script = 'test "$MODE" = fast && test -z "$VIGIE_KEY" && test -n "$VIGIE_STARTED"'
  const { outcome } = await started(restart(['sh', '-c', script], { env: { MODE: 'fast' } }))
  expect(outcome).toMatchObject({ kind: 'done' })
})
