// Covers `src/actions/context.ts`, `src/actions/leftover.ts`, `src/process/spawn-problem.ts`,
// `src/actions/tail.ts`, `src/base/tail.ts`.

import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { KEY_VARIABLE, endStep } from '../../src/actions/leftover.ts'
import { stepKey } from '../../src/actions/context.ts'
import { perform } from '../../src/actions/perform.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { ShellSpec } from '../../src/model/action.ts'
import { isAlive, thisMachine } from '../../src/process/table.ts'
import { eventually, identityOf, signalOwn } from '../process/start-process.ts'
import { desk, doorEvent, manner } from './attempt.ts'
import { itWith } from '../support/tools.ts'
import { longTest } from '../support/long-test.ts'

const shell = (argv: readonly string[], more: Partial<ShellSpec> = {}): ShellSpec => ({
  kind: 'shell',
  argv,
  ...manner,
  ...more,
})
const script = (text: string, more: Partial<ShellSpec> = {}): ShellSpec =>
  shell([], { script: text, ...more })

/** A step of its own for each test: what is left over is found by its name. */
let lastRun = process.pid * 1_000
const nextRun = (): number => ++lastRun

const kill = vi.spyOn(process, 'kill')
function refuseNothing(): void {
  kill.mockImplementation((pid, signal) => {
    signalOwn(pid, signal as NodeJS.Signals)
    return true
  })
}
beforeAll(refuseNothing)

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'vigie-shell-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

describe('the shell action', () => {
  test('runs a program and keeps its exit code and output', async () => {
    const { context, started } = desk()
    const outcome = await perform(script('echo out; echo err >&2'), context)
    expect(outcome).toEqual({
      kind: 'done',
      result: { exitCode: 0, signal: null, durationMs: expect.any(Number), stdout: 'out\n', stderr: 'err\n' },
    })
    expect(started).toEqual([
      { boot: expect.any(String), pid: expect.any(Number), startTicks: expect.any(Number) },
    ])
  })

  test.each([
    '$(touch pwned)',
    '`touch pwned`',
    '; touch pwned',
    '| touch pwned',
    '&& touch pwned #',
    '> pwned',
    '"\' \\ \n * ? ~ $HOME %s',
    '--help',
    '',
  ])('gives %j to the program as one argument', async (text) => {
    const cwd = await folder()
    const outcome = await perform(shell(['printf', '%s|', 'a', text, 'b'], { cwd }), desk().context)
    expect(outcome).toMatchObject({ kind: 'done', result: { stdout: `a|${text}|b|` } })
    await expect(readFile(join(cwd, 'pwned'))).rejects.toThrow('ENOENT')
  })

  test('says in the environment what it was called for, and gives the payload on standard input', async () => {
    const { context } = desk({ run: 12, step: '1.0', attempt: 2 })
    const outcome = await perform(
      script(
        'cat; echo; echo "$VIGIE_EVENT $VIGIE_TOPIC $VIGIE_RUN $VIGIE_STEP $VIGIE_ATTEMPT $VIGIE_KEY $OWN"',
        {
          env: { OWN: 'mine' },
        },
      ),
      context,
    )
    expect(outcome.result?.stdout).toBe(
      `{"open":true}\n7 home/door 12 1.0 2 12.1.0-7-${doorEvent.at.toString(36)} mine\n`,
    )
  })

  test('gives bytes and large payloads unchanged, also to a program that does not read them', async () => {
    const payload = Buffer.alloc(5_000_000, 0xfe)
    const { context } = desk({ event: { ...doorEvent, payload } })
    expect(await perform(shell(['wc', '-c']), context)).toMatchObject({ result: { stdout: '5000000\n' } })
    expect(await perform(shell(['true']), context)).toMatchObject({ kind: 'done', result: { exitCode: 0 } })
  })

  test('keeps the end of an endless output, and no more', async () => {
    const outcome = await perform(
      shell(['sh', '-c', 'yes 0123456789 | head -c 5000000; echo the end']),
      desk().context,
    )
    const { stdout } = outcome.result as { stdout: string }
    expect(stdout).toHaveLength(8 * 1024 + 1)
    expect(stdout.startsWith('…')).toBe(true)
    expect(stdout.endsWith('the end\n')).toBe(true)
    expect(outcome.result).toMatchObject({ truncated: { stdout: 5_000_008 } })
  })

  test('says which output is not whole and how long it was, and keeps as much as is set', async () => {
    const said = script('seq 1 5000; echo short >&2')
    const { result } = await perform(said, desk().context)
    expect(result?.['truncated']).toEqual({ stdout: 23_893 })
    const whole = await perform(said, desk({}, { outputBytes: 64 * 1024 }).context)
    expect(whole.result).toMatchObject({
      stdout: expect.stringMatching(/^1\n[^]*\n5000\n$/),
      stderr: 'short\n',
    })
    expect(whole.result).not.toHaveProperty('truncated')
  })

  test('says that it is not whole where only what stands in the place of a secret made it too long', async () => {
    const echo = script('printf "%s" "$S$S$S"', { env: { S: { secret: 'S' } } })
    const { context } = desk({}, { outputBytes: 20, environment: { S: 'x' } })
    expect((await perform(echo, context)).result).toMatchObject({ truncated: { stdout: 3 } })
  })

  test('fails with what the program said when it exits with another code', async () => {
    expect(await perform(script('echo no luck >&2; exit 3'), desk().context)).toMatchObject({
      kind: 'retry',
      reason: expect.stringMatching(/^\/bin\/sh exited with 3 after /),
      result: { exitCode: 3, stderr: 'no luck\n' },
    })
  })

  test('says which signal ended the program', async () => {
    expect(await perform(script('kill -9 $$'), desk().context)).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('was ended by SIGKILL'),
      result: { exitCode: null, signal: 'SIGKILL' },
    })
  })

  test('ends when the program does, whatever that left in the background', async () => {
    const { context } = desk({ run: nextRun() })
    const outcome = await perform(script('sleep 60 & echo $!'), context)
    expect(outcome).toMatchObject({ kind: 'done' })
    const left = identityOf(Number(outcome.result?.stdout))
    expect(isAlive(left, thisMachine)).toBe(true)
    await endStep(context, left, { graceMs: 1_000, clock: systemClock })
  })
})

describe('a program that cannot be started', () => {
  test.each([
    [['no-such-program-here'], {}, 'no such program is on the PATH'],
    [['/no/such/file'], {}, 'there is no such file'],
    [['true'], { cwd: '/no/such/folder' }, 'its folder /no/such/folder does not exist'],
    [['/etc/passwd'], {}, 'executable (chmod +x)'],
    [[''], {}, 'it has no name'],
    [['echo', 'a\0b'], {}, 'holds a zero byte'],
    [['true', 'x'.repeat(3_000_000)], {}, 'its arguments are too long'],
  ] as const)('is given up with a reason (%#)', async (argv, more, reason) => {
    const { context, started } = desk()
    expect(await perform(shell(argv, more), context)).toEqual({
      kind: 'give-up',
      reason: expect.stringContaining(reason),
    })
    expect(started).toEqual([])
  })

  test('is given up when its interpreter is missing', async () => {
    const file = join(await folder(), 'job')
    await writeFile(file, '#!/no/interpreter\n')
    await chmod(file, 0o755)
    expect(await perform(shell([file]), desk().context)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining('interpreter'),
    })
  })
})

describe('a command that is out of time', () => {
  itWith('setsid')('is ended, with all that it started, in sessions of their own too', async () => {
    const { context } = desk({ run: nextRun() })
    const outcome = await perform(
      script('setsid sleep 60 & echo $!; sleep 60 & echo $!; (setsid sleep 60 & echo $!); wait', {
        timeoutMs: 300,
      }),
      context,
    )
    expect(outcome).toMatchObject({ kind: 'retry', reason: '/bin/sh timed out after 300ms' })
    const { stdout } = outcome.result as { stdout: string }
    const pids = stdout.trim().split('\n')
    expect(pids).toHaveLength(3)
    for (const pid of pids) expect(thisMachine.look(Number(pid))?.state ?? 'zombie').toBe('zombie')
    expect(await startedFor(context)).toEqual([])
  })

  itWith('setsid', 'root, who may make control groups of version 2')(
    'is ended with what emptied its environment, forked twice and left its session',
    async () => {
      const file = join(await folder(), 'pid')
      const ending = new AbortController()
      const { context } = desk({ run: nextRun(), ending })
      // The kernel has moved the command by then.
      const daemon = `sleep 0.5; env -i VIGIE_TEST_BY="$VIGIE_TEST_BY" PATH="$PATH" setsid sh -c '
        sleep 60 </dev/null >/dev/null 2>&1 & echo $! >"$1.new"; mv "$1.new" "$1"' - '${file}'
        sleep 60`
      const outcome = perform(script(daemon), context)
      await eventually(() => existsSync(file))
      ending.abort(new Error('was cancelled by hand'))
      expect(await outcome).toMatchObject({ kind: 'retry', reason: '/bin/sh was cancelled by hand' })
      const pid = Number(await readFile(file, 'utf8'))
      expect(thisMachine.look(pid)?.state ?? 'zombie').toBe('zombie')
    },
  )

  test('is cancelled by the engine in the same way, with its reason', async () => {
    const ending = new AbortController()
    const { context } = desk({
      run: nextRun(),
      ending,
      started: () => ending.abort(new Error('was cancelled by hand')),
    })
    const outcome = await perform(shell(['sleep', '60']), context)
    expect(outcome).toMatchObject({
      kind: 'retry',
      reason: 'sleep was cancelled by hand',
      result: { signal: 'SIGTERM' },
    })
  })
})

describe('a command that the hub may not signal', () => {
  const MAY_NOT = "it is another user's, and the hub may not signal it"

  /** As when a program has become root, and the hub is not. What is refused here ends with the test. */
  function refuseSignals(isRefused: (pid: number) => boolean): void {
    const refused = new Set<number>()
    kill.mockImplementation((pid, signal) => {
      if (isRefused(pid)) {
        refused.add(pid)
        throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
      }
      signalOwn(pid, signal as NodeJS.Signals)
      return true
    })
    onTestFinished(() => {
      refuseNothing()
      for (const pid of refused) signalOwn(pid, 'SIGKILL')
    })
  }
  const pipes = (): number => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length

  test('is not waited for when its time is up, and not begun a second time beside itself', async () => {
    refuseSignals(() => true)
    const { context, started } = desk({ run: nextRun() })
    const before = pipes()
    const outcome = await perform(shell(['sleep', '60'], { timeoutMs: 300 }), context)
    const [{ pid } = { pid: 0 }] = started
    expect(outcome).toMatchObject({
      kind: 'give-up',
      reason: `sleep timed out after 300ms; not ended: sleep (${pid}): ${MAY_NOT}`,
      result: { exitCode: null, signal: null },
    })
    expect(isAlive(identityOf(pid), thisMachine)).toBe(true)
    await eventually(() => pipes() <= before)
  })

  longTest('is told of when the program that began it has ended', async () => {
    const { context, started } = desk({ run: nextRun() })
    refuseSignals((pid) => pid !== started[0]?.pid)
    const outcome = await perform(script('sleep 60 & echo $!; wait', { timeoutMs: 300 }), context)
    const pid = Number(outcome.result?.stdout)
    expect(outcome).toMatchObject({
      kind: 'give-up',
      reason: `/bin/sh timed out after 300ms; not ended: sleep (${pid}): ${MAY_NOT}`,
      result: { signal: 'SIGTERM' },
    })
  })
})

/** Pids of the processes that carry the key of a step; a zombie carries nothing. */
const startedFor = (step: Parameters<typeof stepKey>[0]): Promise<number[]> =>
  thisMachine.carrying(`${KEY_VARIABLE}=${stepKey(step)}`)

describe('what a crash of the hub leaves', () => {
  itWith('setsid')('is found by the key of its step alone, and ended', async () => {
    const { context } = desk({ run: nextRun() })
    const pid = Promise.withResolvers<number>()
    const running = perform(script('trap "" TERM; setsid sleep 60 & wait'), {
      ...context,
      started: (identity) => pid.resolve(identity.pid),
    })
    const top = await pid.promise
    const children = (): Promise<number[]> => startedFor(context)
    while ((await children()).length < 2) await eventually(() => true)
    expect(await startedFor({ ...context, step: '1' })).toEqual([])
    const endings = await endStep(context, null, { graceMs: 100, clock: systemClock })
    expect(endings.find((ending) => ending.pid === top)?.how).toBe('killed')
    expect(await children()).toEqual([])
    expect(await running).toMatchObject({ result: { signal: 'SIGKILL' } })
  })
})
