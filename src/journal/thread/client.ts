// The journal's side on the network thread: starts the journal thread, sends it batches, learns what is
// committed.

import { MessageChannel, Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { messageOf } from '../../base/printable.ts'
import { moduleAt } from '../../base/package.ts'
import type { BridgeChange, StoredBridges } from '../../model/bridge.ts'
import type { SessionChange, StoredSessions } from '../../model/session.ts'
import type { ClockSet } from '../../model/clock-behind.ts'
import type { Downtime, EventLog, RetainedMessage } from '../../model/store.ts'
import { PackedEventLog } from './event-log.ts'
import { JournalError } from '../database/journal-error.ts'
import type { OpenAlert } from '../queries/open-alerts.ts'
import type { FromJournal, ToJournal, WorkerOptions } from './worker.ts'

export type JournalOptions = WorkerOptions

export interface Journal {
  readonly eventLog: EventLog
  /** The retained messages as they were when the journal opened; none after `dropRetained`. */
  readonly retained: readonly RetainedMessage[]
  /** Frees the memory of `retained`. Must be called when everybody has read them: the broker has its own. */
  dropRetained(): void
  /** See `openAlerts`. */
  readonly openAlerts: readonly OpenAlert[]
  readonly sessions: StoredSessions
  readonly bridges: StoredBridges
  /** How the clock was set before this start, oldest first. */
  readonly clockSets: readonly ClockSet[]
  /** Takes a change of a session; returns its mark. See `SessionLog`. */
  readonly appendChange: (change: SessionChange) => number
  /** Takes a change of a bridge; returns its mark. */
  readonly appendBridgeChange: (change: BridgeChange) => number
  /** The downtime before this start; `null` in a new folder. */
  readonly downtime: Downtime | null
  /**
   * Calls the listener after each commit, of events or of what an engine decided, until the returned function
   * is called.
   */
  onCommit(listener: () => void): () => void
  /** Opens a port for an engine. As a FramedPort it serves `EngineJournal`, and sends `{ committed: id }`. */
  engineEnd(): MessagePort
  /** Resolves when the thread has come to this question: it is alive, and its commits end. */
  answer(): Promise<void>
  /**
   * Resolves when the thread has ended: with `null` after `stop()`, else with the reason. Then the hub must
   * end too.
   */
  readonly ended: Promise<Error | null>
  /** Commits what was appended, closes the files and unlocks the folder. May be called twice. */
  stop(): Promise<void>
}

/**
 * Starts the thread, which locks the folder and migrates the database. Throws a JournalError for the
 * operator.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const worker = new Worker(moduleAt('journal/thread/worker'), { name: 'journal', workerData: options })
  const say = (message: ToJournal, transfer: (ArrayBuffer | MessagePort)[] = []): void =>
    worker.postMessage(message, transfer)
  const ended = endOf(worker)
  const ready = await readiness(worker, ended)
  const { lastEventId, retained, openAlerts, sessions, bridges, clockSets, downtime } = ready
  const asked: (() => void)[] = []
  const eventLog = new PackedEventLog(lastEventId, (batch) => say(batch, [batch]))
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  worker.on('message', (message: FromJournal) => {
    if ('committed' in message) {
      eventLog.setCommitted(message.committed)
      tell()
    } else if ('changed' in message) tell()
    else if ('trouble' in message) eventLog.setTrouble(message.trouble)
    else if ('answered' in message) asked.shift()?.()
  })
  worker.once('error', (error) =>
    eventLog.setTrouble(`The journal has ended (${messageOf(error)}); start the hub again.`),
  )
  let stopping = false
  return {
    eventLog,
    retained,
    dropRetained() {
      retained.length = 0
    },
    openAlerts,
    sessions,
    bridges,
    clockSets,
    appendChange: (change) => eventLog.appendChange(change),
    appendBridgeChange: (change) => eventLog.appendBridgeChange(change),
    downtime,
    onCommit(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    engineEnd() {
      const { port1, port2 } = new MessageChannel()
      say({ engine: port1 }, [port1])
      return port2
    },
    answer: () =>
      new Promise((resolve) => {
        asked.push(resolve)
        say({ ask: true })
      }),
    ended,
    async stop() {
      if (!stopping) {
        stopping = true
        eventLog.flush()
        say({ stop: true })
      }
      await ended
    },
  }
}

function endOf(worker: Worker): Promise<Error | null> {
  return new Promise((resolve) => {
    worker.once('error', (error) => resolve(error instanceof Error ? error : new Error(messageOf(error))))
    worker.once('exit', (code) =>
      resolve(code === 0 ? null : new Error(`The journal thread exited with ${code}.`)),
    )
  })
}

async function readiness(
  worker: Worker,
  ended: Promise<Error | null>,
): Promise<Extract<FromJournal, { ready: unknown }>['ready']> {
  const first = await Promise.race([
    new Promise<FromJournal>((resolve) => worker.once('message', resolve)),
    ended,
  ])
  if (first !== null && 'ready' in first) return first.ready
  if (first !== null && 'refused' in first) {
    await ended
    throw new JournalError(first.refused)
  }
  throw first instanceof Error ? first : new Error('The journal thread ended before it was ready.')
}
