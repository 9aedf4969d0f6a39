// The shell action: runs a program with its arguments as they are; nothing parses them again. It gets the
// event's payload on its standard input and what it was called for in VIGIE_… variables. The step ends when
// the program does, whatever it left in the background; when the step is out of time, all that it started is
// ended, sessions of their own included; where the hub may make control groups, each command has one. A program that the hub cannot end (sudo, where the hub is not root)
// is left to itself: no step waits for it.

import type { ChildProcess } from 'node:child_process'
import type { Clock } from '../base/clock.ts'
import { formatDuration } from '../base/quantities.ts'
import { messageOf, printable } from '../base/printable.ts'
import { Tail } from '../base/tail.ts'
import type { ProcessIdentity, ShellSpec } from '../model/action.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { ProcessEnding } from '../model/process.ts'
import { describeSurvivors } from '../process/end.ts'
import { commandCgroups } from '../process/command-cgroups.ts'
import { thisMachine } from '../process/table.ts'
import { stepKey } from './context.ts'
import type { Attempt } from './context.ts'
import { KEY_VARIABLE, endStep } from './leftover.ts'
import { spawnProblem } from '../process/spawn-problem.ts'
import { textTail } from './tail.ts'

/** The time between SIGTERM and SIGKILL when the step is out of time. */
const GRACE_MS = 5_000
/**
 * The time that outputs may stay open after the program's end: a background process may hold them for ever.
 */
const DRAIN_MS = 250

const ZERO_BYTE =
  'an argument or a variable holds a zero byte, which no program can be given; take the payload from its standard input'

export async function performShell(spec: ShellSpec, attempt: Attempt): Promise<Outcome> {
  const { disclosure, signal, hub } = attempt
  const argv = spec.script === undefined ? spec.argv : ['/bin/sh', '-c', spec.script]
  const [file = '', ...args] = argv
  const env = Object.fromEntries(
    Object.entries(spec.env ?? {}).map(([name, text]) => [name, disclosure.resolve(text)]),
  )
  if ([...argv, ...Object.values(env)].some((text) => text.includes('\0')))
    return { kind: 'give-up', reason: `${printable(file)} was not started: ${ZERO_BYTE}` }
  const stdout = new Tail(hub.outputBytes + disclosure.longestBytes)
  const stderr = new Tail(hub.outputBytes + disclosure.longestBytes)
  // execa is a hundred files. An engine that starts no program need not load them.
  const { execa } = await import('execa')
  const group = commandCgroups.open(stepKey(attempt))
  const begunAt = performance.now()
  const child = execa(file, args, {
    ...(spec.cwd !== undefined && { cwd: spec.cwd }),
    env: { ...env, ...variables(attempt) },
    // A group of its own: what is sent to the hub's group, such as Ctrl-C, is not for it. Its end is ours to
    // bring about.
    detached: true,
    buffer: false,
    reject: false,
  })
  // Given as `input`, the payload costs a fifth of all that a short program takes of the hub.
  child.stdin.on('error', ignored)
  child.stdin.end(attempt.event.payload)
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const identity = child.pid === undefined ? undefined : thisMachine.look(child.pid)?.identity
  if (identity) {
    attempt.started(identity)
    group.take(identity.pid)
  }

  const keepOpen = closeAfterExit(child.nodeChildProcess, hub.clock)
  const ending = identity && endWhenAborted(identity, attempt)
  const exit = await (ending ? Promise.race([child, ending.stuck]) : child)
  keepOpen()
  if (exit === undefined) closeStreams(child.nodeChildProcess)
  const survivors = describeSurvivors((await ending?.close()) ?? [])
  group.leave()

  const program = printable(file)
  const { exitCode, signal: endedBy } = exit ?? {}
  if (exit !== undefined && exitCode === undefined && endedBy === undefined)
    return { kind: 'give-up', reason: spawnProblem(program, spec.cwd, exit.code, exit.cause) }
  const durationMs = Math.round(performance.now() - begunAt)
  const result: JsonObject = {
    exitCode: exitCode ?? null,
    signal: endedBy ?? null,
    durationMs,
    ...readOutputs({ stdout, stderr }, attempt),
  }
  if (signal.aborted) {
    const reason = `${program} ${messageOf(signal.reason)}`
    // Another attempt would run beside what is left of this one.
    if (survivors !== undefined)
      return { kind: 'give-up', reason: `${reason}; not ended: ${survivors}`, result }
    return { kind: 'retry', reason, result }
  }
  if (exitCode === 0) return { kind: 'done', result }
  const how = endedBy === undefined ? `exited with ${exitCode}` : `was ended by ${endedBy}`
  return { kind: 'retry', reason: `${program} ${how} after ${formatDuration(durationMs)}`, result }
}

/** A program need not read its input; what else may be wrong with it execa says. */
const ignored = (): void => {}

const variables = (attempt: Attempt): Record<string, string> => ({
  VIGIE_EVENT: String(attempt.event.id),
  VIGIE_TOPIC: attempt.event.topic,
  VIGIE_RUN: String(attempt.run),
  VIGIE_STEP: attempt.step,
  VIGIE_ATTEMPT: String(attempt.attempt),
  [KEY_VARIABLE]: stepKey(attempt),
})

/** Returns a function that leaves things as they are from then on. */
function closeAfterExit(child: ChildProcess, clock: Clock): () => void {
  let cancel: (() => void) | undefined
  child.once('exit', () => {
    cancel = clock.after(DRAIN_MS, () => closeStreams(child))
  })
  return () => cancel?.()
}

function closeStreams(child: ChildProcess): void {
  for (const stream of child.stdio) stream?.destroy()
}

interface StepEnd {
  /** Resolves when all has been tried and the program itself still runs. */
  readonly stuck: Promise<undefined>
  /**
   * Must be called at the end. Resolves when every process that had to be ended has been, and says how that
   * went.
   */
  close(): Promise<readonly ProcessEnding[]>
}

function endWhenAborted(identity: ProcessIdentity, attempt: Attempt): StepEnd {
  const { signal, hub } = attempt
  const stuck = Promise.withResolvers<undefined>()
  const tryToEnd = async (): Promise<readonly ProcessEnding[]> => {
    const endings = await endStep(attempt, identity, { graceMs: GRACE_MS, clock: hub.clock })
    if (endings.some(({ pid, how }) => pid === identity.pid && how === 'survived')) stuck.resolve(undefined)
    return endings
  }
  let ending: Promise<readonly ProcessEnding[]> | undefined
  const end = (): void => {
    ending = tryToEnd()
    ending.catch(stuck.reject)
  }
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return {
    stuck: stuck.promise,
    async close() {
      signal.removeEventListener('abort', end)
      return (await ending) ?? []
    },
  }
}

/** The ends of the outputs, and under `truncated` how many bytes there were of each that is not whole. */
function readOutputs(tails: Readonly<Record<string, Tail>>, { disclosure, hub }: Attempt): JsonObject {
  const result: Record<string, Json> = {}
  const truncated: Record<string, number> = {}
  for (const [name, tail] of Object.entries(tails)) {
    const { bytes, whole } = tail.read()
    const cut = whole > bytes.length ? 'start' : 'nowhere'
    const { text, isWhole } = textTail(bytes, { limit: hub.outputBytes, cut, disclosure })
    result[name] = text
    if (!isWhole) truncated[name] = whole
  }
  return Object.keys(truncated).length === 0 ? result : { ...result, truncated }
}
