// The engine's thread: composes its parts, and serves what the network thread asks of it. Code of the user runs in here and
// nowhere else; whatever it does costs this thread at most.

import { parentPort, workerData } from 'node:worker_threads'
import { callsTo, serveCalls } from '../base/calls.ts'
import { systemClock } from '../base/clock.ts'
import { createLog } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'
import { openEngineReads } from '../journal/reads.ts'
import type { EngineJournal } from '../model/store.ts'
import { Core } from './core.ts'
import { endingReads } from './ending-reads.ts'
import { PulseWriter } from './pulse.ts'
import type { EngineHost, EngineThread, ThreadData } from './thread.ts'
import { containUserErrors } from './user-errors.ts'

const BEAT_EVERY_MS = 250

const data = workerData as ThreadData
const port = parentPort!
const log = createLog('engine', data.log)
const pulse = new PulseWriter(data.pulse)
const host = callsTo<EngineHost>(port).remote
const journal = callsTo<EngineJournal>(data.journal).remote

pulse.beat()
setInterval(() => pulse.beat(), BEAT_EVERY_MS)
containUserErrors(log)

const core = new Core({
  data,
  log,
  pulse,
  host,
  journal,
  reads: endingReads(openEngineReads(data.dataDir), fail),
  clock: systemClock,
  fail,
})
data.journal.on('message', (message: object) => {
  if ('committed' in message) core.committed()
})
serveCalls<EngineThread>(port, core)

function fail(error: unknown): void {
  log.error({ err: error }, `The engine ends: ${messageOf(error)}`)
  process.exit(1)
}
