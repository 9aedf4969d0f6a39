// Begins a process in which code of the user runs. A process of its own, because V8 ends the whole process
// when memory runs out in the middle of an allocation, and so does much else that code may do to itself:
// whoever began it goes on.
//
// Its main thread is a warden; the code runs in a thread beside that, to which a pipe leads. How the thread
// has ended its warden tells; when the whole process was brought down, the black box does.
//
// Always: what comes from the process is foreign. Whatever it writes into the lines to it, by accident or
// not, costs nobody but itself.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { callsTo, serveCalls } from '../../base/calls.ts'
import type { Methods, Remote } from '../../base/calls.ts'
import { systemClock } from '../../base/clock.ts'
import { FramedPort } from '../../base/framed-port.ts'
import { messageOf } from '../../base/printable.ts'
import { moduleAt } from '../../base/package.ts'
import { openBlackBox } from './black-box.ts'
import type { BlackBox } from './black-box.ts'
import { DESCRIPTORS } from './descriptors.ts'
import { endingShape } from './ending.ts'
import type { Ending } from './ending.ts'

/** A process of user code, as its parent holds it. */
export interface UserProcess<T extends Methods<T>> {
  readonly remote: Remote<T>
  /** Resolves when the process is gone; never rejects. */
  readonly ended: Promise<Ending>
  terminate(): Promise<void>
  /** Kills the process for this reason, the end of a sentence: it does not answer. */
  strike(reason: string): void
}

/** A process that has begun; its thread is not served yet. */
export interface BegunProcess<T extends Methods<T>> extends UserProcess<T> {
  /** Serves the calls of the thread with the methods of this object. */
  serve(host: object): void
}

/** The data with which the warden begins. */
export interface Beginning {
  /** The address of the module that runs in the thread. */
  readonly module: string
  /** The name for messages, and for `ps`: `engine`. */
  readonly name: string
  /** Beside this the thread is given its `pulse`. */
  readonly data: object
  /** Code that runs for this long without progress counts as hanging. */
  readonly hangLimitMs: number
  readonly heapLimitMiB: number
  /**
   * Of standard error, passes on only what user code writes, and not the pages that Node prints when it
   * aborts.
   */
  readonly isQuiet: boolean
}

export interface UserProcessOptions extends Beginning {
  /** The folder of the black box. */
  readonly boxDir: string
  /** Takes a further pipe to the thread. Not called when the process cannot be begun. */
  readonly further?: (pipe: Duplex) => void
}

/** Begins a process. Never throws: a process that cannot be begun counts as one that has ended. */
export function spawnUserProcess<T extends Methods<T>>(options: UserProcessOptions): BegunProcess<T> {
  const { boxDir, further, ...beginning } = options
  let box: BlackBox | undefined
  try {
    box = openBlackBox(boxDir)
    const child = begin(beginning, box, further ? 'pipe' : 'ignore')
    further?.(pipeTo(child, 'further'))
    return hold(child, box, beginning)
  } catch (error) {
    box?.close()
    return stillborn(error, beginning.name)
  }
}

function begin(beginning: Beginning, box: BlackBox, further: 'pipe' | 'ignore'): ChildProcess {
  const [own, words] = beginning.isQuiet ? (['ignore', 2] as const) : (['inherit', 'ignore'] as const)
  // A debugger needs a port of its own for each process, so `--inspect` is not handed on.
  const flags = process.execArgv.filter((flag) => !flag.startsWith('--inspect'))
  const child = spawn(process.execPath, [...flags, fileURLToPath(moduleAt('engine/contain/warden'))], {
    stdio: ['ignore', 'inherit', own, 'pipe', 'pipe', box.fd, words, further],
  })
  // `hold` hears the errors of the process; those of a process that is not held must not end this one.
  child.on('error', () => {})
  // When the system has no more files to give, Node returns a process without pipes.
  if (!pipeTo(child, 'warden')) throw new Error('the system has no more files to give')
  return child
}

const pipeTo = (child: ChildProcess, to: 'warden' | 'calls' | 'further'): Duplex =>
  (child.stdio as readonly unknown[] | undefined)?.[DESCRIPTORS[to]] as Duplex

/** The time that a process may go on when a line to it is closed. */
const CLOSED_MS = 2_000

function hold<T extends Methods<T>>(
  child: ChildProcess,
  box: BlackBox,
  beginning: Beginning,
): BegunProcess<T> {
  const { name } = beginning
  const gone = Promise.withResolvers<Ending>()
  let ending: Ending | undefined
  const kill = (how: Ending['how'], reason: string): void => {
    ending ??= { how, reason, ...NOBODY }
    child.kill('SIGKILL')
  }
  const lineTo = (to: 'warden' | 'calls'): FramedPort => {
    const pipe = pipeTo(child, to)
    const port = new FramedPort((bytes) => void pipe.write(bytes))
    pipe.on('data', (bytes: Buffer) => {
      try {
        port.take(bytes)
      } catch (error) {
        pipe.destroy()
        kill('died', `spoke nonsense on a line to the hub (${messageOf(error)})`)
      }
    })
    // The pipe's other end is gone; the exit of the process says so.
    pipe.on('error', () => {})
    pipe.once('close', () => {
      systemClock.after(CLOSED_MS, () => {
        if (child.exitCode === null && child.signalCode === null) kill('died', 'closed a line to the hub')
      })
    })
    return port
  }
  const wardenPort = lineTo('warden')
  const port = lineTo('calls')
  const calls = callsTo<T>(port)

  const end = (last: Ending): void => {
    calls.close(new Error(`The ${name} ${last.reason}.`))
    gone.resolve(last)
    box.close()
  }
  wardenPort.on('message', (told) => {
    ending ??= endingShape.safeParse(told).data
  })
  // The warden's report is read once the process has exited and its line is closed.
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const isSilent = new Promise((resolve) => pipeTo(child, 'warden').once('close', resolve))
  void Promise.all([exited, isSilent]).then(() => end(ending ?? broughtDown(child, box)))
  child.on('error', (error) => {
    if (child.pid === undefined) end(notBegun(error))
  })
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a pipe has no origin
  wardenPort.postMessage(beginning)
  return {
    remote: calls.remote,
    ended: gone.promise,
    async terminate() {
      kill('asked', 'was ended')
      await gone.promise
    },
    strike: (reason) => kill('hung', reason),
    serve: (host) => void serveCalls(port, host),
  }
}

const NOBODY = { unit: null, item: null } as const

function broughtDown({ exitCode, signalCode }: ChildProcess, box: BlackBox): Ending {
  const record = box.read()
  const how = signalCode ?? `exit code ${exitCode}`
  const when = signalCode === null ? undefined : MEMORY_SIGNALS[signalCode]
  return {
    how: record === undefined ? 'crashed' : 'died',
    reason: `ended its process with ${how}${when === undefined ? '' : `, as ${when} when memory runs out`}`,
    ...(record ?? NOBODY),
  }
}

const MEMORY_SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'Node does',
  SIGTRAP: 'Node does',
  SIGKILL: 'the system does',
}

function stillborn<T extends Methods<T>>(reason: unknown, name: string): BegunProcess<T> {
  const ending = notBegun(reason)
  const calls = callsTo<T>(new FramedPort(() => {}))
  calls.close(new Error(`The ${name} ${ending.reason}.`))
  return {
    remote: calls.remote,
    ended: Promise.resolve(ending),
    async terminate() {},
    strike() {},
    serve() {},
  }
}

const notBegun = (error: unknown): Ending => ({
  how: 'died',
  reason: `could not be begun (${messageOf(error)})`,
  ...NOBODY,
})
