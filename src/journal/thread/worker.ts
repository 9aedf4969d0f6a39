// The journal thread: the only writer of the database, protected by the lock on the data folder. Between two
// commits it does one bounded piece of upkeep, and the next group waits for no more than that.

import { parentPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { createLog } from '../../base/log.ts'
import type { LogOptions } from '../../base/log.ts'
import type { StoredBridges } from '../../model/bridge.ts'
import type { StoredSessions } from '../../model/session.ts'
import type { ClockSet } from '../../model/clock-behind.ts'
import type { Downtime, RetainedMessage } from '../../model/store.ts'
import { hidesRoot } from '../../topics/hidden.ts'
import { EngineEnds } from './engine-ends.ts'
import { GroupCommit } from './group-commit.ts'
import { JournalError } from '../database/journal-error.ts'
import { lockFolder } from '../database/lock.ts'
import { lossSentence } from '../database/acknowledged.ts'
import { databasePath, explained } from '../database/open.ts'
import { KEEP_ALL } from '../forget/history-limits.ts'
import type { HistoryLimits } from '../forget/history-limits.ts'
import type { OpenAlert } from '../queries/open-alerts.ts'
import type { Durability } from '../database/wal.ts'
import { openWriter } from './writer.ts'

export interface WorkerOptions {
  readonly dataDir: string
  readonly durability: Durability
  /** How long history is kept. Default: without end. */
  readonly history?: HistoryLimits
  /** First level of the topics that wildcards of clients in that place leave out; `null` or absent: none. */
  readonly hiddenRoot?: string | null
  /** First level of the hub's own topics. Default: `vigie`. */
  readonly root?: string
  readonly log: LogOptions
}

/** Messages to the thread; a batch travels as the bare ArrayBuffer. */
export type ToJournal =
  | ArrayBuffer
  | { readonly engine: MessagePort }
  /** Asks for `answered`: a sign of life. */
  | { readonly ask: true }
  | { readonly stop: true }

export type FromJournal =
  | {
      readonly ready: {
        readonly lastEventId: number
        readonly downtime: Downtime | null
        readonly retained: RetainedMessage[]
        readonly openAlerts: OpenAlert[]
        readonly sessions: StoredSessions
        readonly bridges: StoredBridges
        readonly clockSets: ClockSet[]
      }
    }
  | { readonly refused: string }
  | { readonly committed: number }
  | { readonly changed: true }
  | { readonly trouble: string | null }
  | { readonly answered: true }

const CHANGED: FromJournal = { changed: true }

function serve(
  port: MessagePort,
  {
    dataDir,
    durability,
    history = KEEP_ALL,
    hiddenRoot = null,
    root = 'vigie',
    log: logOptions,
  }: WorkerOptions,
): void {
  const say = (message: FromJournal): void => port.postMessage(message)
  const log = createLog('journal', logOptions)
  const path = databasePath(dataDir)
  const hides = hidesRoot(hiddenRoot)
  const unlock = lockFolder(dataDir)
  const writer = openWriter({ dataDir, durability, history, clock: systemClock, hides }, (loss) =>
    log[loss.isByPowerCut ? 'warn' : 'error'](lossSentence(path, loss)),
  )
  const groups = new GroupCommit({
    writer,
    path,
    clock: systemClock,
    log,
    onCommitted: (committed, { after, events }) => {
      say({ committed })
      engines.tell(committed, { after, events })
    },
    onChanged: () => say(CHANGED),
    onTrouble: (trouble) => say({ trouble }),
  })
  const engines = new EngineEnds((change) => groups.commit(change))
  const stop = (): void => {
    if (!groups.stop())
      log.error(`The last events could not be written to ${path}; none of them was acknowledged.`)
    engines.close()
    try {
      writer.close()
    } catch (error) {
      log.error({ err: error }, `${path} could not be closed in order; what is committed is safe.`)
    }
    unlock()
    port.close()
  }
  port.on('message', (message: ToJournal) => {
    if (message instanceof ArrayBuffer) groups.takeBatch(message)
    else if ('engine' in message) engines.open(message.engine)
    else if ('ask' in message) say({ answered: true })
    else stop()
  })
  const ready = explained(path, () => ({
    lastEventId: writer.lastEventId,
    downtime: writer.downtime,
    retained: writer.retained(),
    openAlerts: writer.openAlerts(root),
    sessions: writer.sessions(),
    bridges: writer.bridges(),
    clockSets: writer.clockSets(),
  }))
  groups.start()
  say({ ready })
}

if (parentPort === null) throw new Error('journal/worker is the code of a thread; openJournal starts it.')
const port: MessagePort = parentPort
try {
  serve(port, workerData as WorkerOptions)
} catch (error) {
  if (!(error instanceof JournalError)) throw error
  port.postMessage({ refused: error.message } satisfies FromJournal)
}
