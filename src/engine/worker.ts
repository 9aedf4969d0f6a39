// The engine's thread: composes its parts, and serves what the network thread asks of it. Code of the user
// runs in here and nowhere else in the hub; whatever it does costs this process at most.

import { workerData } from 'node:worker_threads'
// What rule files import: loaded before any of them, it is kept with the rest.
import '../index.ts'
import { callsTo, serveCalls } from '../base/calls.ts'
import { systemClock } from '../base/clock.ts'
import { forgetFolder, keepCompiled } from '../base/compiled.ts'
import { markEngineProcess } from '../base/hub-process.ts'
import { createLog } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'
import { openEngineReads } from '../journal/queries/reads.ts'
import type { CommitNotice, EngineJournal } from '../model/store.ts'
import { Core } from './core.ts'
import { endingReads } from './ending-reads.ts'
import { openPipe } from './contain/descriptors.ts'
import { holdGlobals } from './contain/globals.ts'
import { guardProcess } from './contain/guards.ts'
import { openUserCode } from './contain/inside.ts'
import type { EngineHost, EngineThread, ThreadData } from './protocol.ts'
import { containUserErrors } from './load/user-errors.ts'

/**
 * The time for which an engine whose predecessor was lost keeps its black box: by then, what brought that one
 * down has come again.
 */
const CAREFUL_MS = 60_000

markEngineProcess()
holdGlobals()
forgetFolder()
const data = workerData as ThreadData
const log = createLog('engine', data.log)
const hub = openPipe('calls')
const journal = openPipe('further')
const userCode = openUserCode(data.pulse, data.quarantined)

if (data.careful) systemClock.after(CAREFUL_MS, () => userCode.closeBox())
containUserErrors(data.rulesDir, (said) => log.error(said), fail)
const exit = guardProcess()

const core = new Core({
  data,
  log,
  userCode,
  host: callsTo<EngineHost>(hub).remote,
  journal: callsTo<EngineJournal>(journal).remote,
  openReads: () => endingReads(openEngineReads(data.dataDir), fail),
  clock: systemClock,
  fail,
})
journal.on('message', (message) => {
  if (typeof message === 'object' && message !== null && 'committed' in message)
    core.committed(message as CommitNotice)
})
journal.pipe.once('close', () => fail(new Error('the line to the journal is closed')))
serveCalls<EngineThread>(hub, {
  load: () => core.load(),
  start: (elsewhere) => core.start(elsewhere),
  handOver: () => core.handOver(),
  stepEnded: (step, outcome) => core.stepEnded(step, outcome),
  abort: (step, reason) => core.abort(step, reason),
  stop: (patienceMs) => core.stop(patienceMs),
  ...core.requests,
})
// This comes before any rule is loaded: otherwise every version of the rules would be kept, too.
keepCompiled()

function fail(error: unknown): void {
  log.error({ err: error }, `The engine ends: ${messageOf(error)}`)
  exit(1)
}
