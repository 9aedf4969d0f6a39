// Begins the process of one engine. A process of its own, because V8 ends the whole process when memory runs out in the middle of
// an allocation, and so does much else that code may do to itself: the hub goes on, and begins another engine.
//
// Two pipes lead to the engine's thread: one for what it and the network thread ask of each other, one to the journal thread,
// for which the network thread passes on bytes as they come. How the thread has ended its warden tells; when the whole process
// was brought down, the black box does.

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'
import { callsTo, serveCalls } from '../base/calls.ts'
import { FramedPort } from '../base/framed-port.ts'
import { messageOf } from '../base/printable.ts'
import { sibling } from '../base/sibling.ts'
import { openBlackBox } from './black-box.ts'
import type { BlackBox } from './black-box.ts'
import type { EngineHost, EngineThread, ThreadData } from './thread.ts'
import type { Ending, UserThread } from './user-thread.ts'

export type { Ending } from './user-thread.ts'
export type SpawnedEngine = UserThread<EngineThread>

/** What the warden is told to begin with. */
export interface Beginning {
  readonly data: Omit<ThreadData, 'pulse'>
  /** When it has run for this long without progress, it hangs. */
  readonly hangLimitMs: number
  readonly heapLimitMiB: number
}

export interface SpawnOptions extends Beginning {
  /** The engine's end of the journal; it carries bytes. */
  readonly journal: MessagePort
  readonly host: EngineHost
}

export function spawnEngine({ journal, host, ...beginning }: SpawnOptions): SpawnedEngine {
  try {
    const box = openBlackBox(beginning.data.dataDir)
    return hold(begin(beginning, box), box, journal, host)
  } catch (error) {
    journal.close()
    return stillborn(error)
  }
}

function begin(beginning: Beginning, box: BlackBox): ChildProcess {
  const child = fork(sibling(import.meta.url, './warden'), {
    // One debugger, one port.
    execArgv: process.execArgv.filter((flag) => !flag.startsWith('--inspect')),
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe', 'pipe', box.fd],
  })
  // One that has ended already says so by its exit.
  child.send(beginning, () => {})
  return child
}

function hold(child: ChildProcess, box: BlackBox, journal: MessagePort, host: EngineHost): SpawnedEngine {
  const gone = Promise.withResolvers<Ending>()
  const [, , , , callPipe, journalPipe] = child.stdio as readonly unknown[] as readonly Duplex[]
  let ending: Ending | undefined
  const kill = (why: Ending): void => {
    ending ??= why
    child.kill('SIGKILL')
  }
  const port = new FramedPort((bytes) => void callPipe!.write(bytes))
  const calls = callsTo<EngineThread>(port)
  serveCalls<EngineHost>(port, host)
  callPipe!.on('data', (bytes: Buffer) => {
    try {
      port.take(bytes)
    } catch (error) {
      kill({ how: 'died', reason: `spoke nonsense (${messageOf(error)})`, unit: null })
    }
  })
  relay(journalPipe!, journal)
  // A pipe whose other end is gone; that the engine is, its exit tells.
  for (const pipe of [callPipe!, journalPipe!]) pipe.on('error', () => {})

  const end = (last: Ending): void => {
    calls.close(new Error(`The engine ${last.reason}.`))
    gone.resolve(last)
    box.close()
  }
  child.once('message', (told) => {
    ending ??= told as Ending
  })
  // What it has told is read once both have come.
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const disconnected = new Promise((resolve) => child.once('disconnect', resolve))
  void Promise.all([exited, disconnected]).then(() => end(ending ?? broughtDown(child, box)))
  child.on('error', (error) => {
    if (child.pid === undefined) end(notBegun(error))
  })
  return {
    remote: calls.remote,
    ended: gone.promise,
    async terminate() {
      kill({ how: 'asked', reason: 'was ended', unit: null })
      await gone.promise
    },
  }
}

/** Bytes pass as they come: what was no whole message when the engine died is none for the journal. */
function relay(pipe: Duplex, port: MessagePort): void {
  pipe.on('data', (chunk: Buffer<ArrayBuffer>) => {
    const bytes = chunk.buffer.slice(chunk.byteOffset, chunk.byteOffset + chunk.length)
    port.postMessage(bytes, [bytes])
  })
  port.on('message', (bytes: ArrayBuffer) => void pipe.write(new Uint8Array(bytes)))
  pipe.once('close', () => port.close())
  port.once('close', () => pipe.destroy())
}

function broughtDown({ exitCode, signalCode }: ChildProcess, box: BlackBox): Ending {
  const unit = box.read()
  const how = signalCode ?? `exit code ${exitCode}`
  const when = signalCode === null ? undefined : MEMORY_SIGNALS[signalCode]
  return {
    how: unit === undefined ? 'crashed' : 'died',
    reason: `ended its process with ${how}${when === undefined ? '' : `, as ${when} when memory runs out`}`,
    unit: unit ?? null,
  }
}

const MEMORY_SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'Node does',
  SIGTRAP: 'Node does',
  SIGKILL: 'the system does',
}

function stillborn(reason: unknown): SpawnedEngine {
  const ending = notBegun(reason)
  const calls = callsTo<EngineThread>(new FramedPort(() => {}))
  calls.close(new Error(`The engine ${ending.reason}.`))
  return { remote: calls.remote, ended: Promise.resolve(ending), async terminate() {} }
}

const notBegun = (error: unknown): Ending => ({
  how: 'died',
  reason: `could not be begun (${messageOf(error)})`,
  unit: null,
})
