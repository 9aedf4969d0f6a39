// The engine's thread: composes its parts, and serves what the network thread asks of it. Code of the user runs in here and
// nowhere else in the hub; whatever it does costs this process at most.

import { Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { callsTo, serveCalls } from '../base/calls.ts'
import { systemClock } from '../base/clock.ts'
import { forgetFolder, keepCompiled } from '../base/compiled.ts'
import { FramedPort } from '../base/framed-port.ts'
import { markEngineProcess } from '../base/hub-process.ts'
import { createLog } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'
import { openEngineReads } from '../journal/reads.ts'
import type { EngineJournal } from '../model/store.ts'
import { BlackBoxWriter } from './black-box.ts'
import { Core } from './core.ts'
import { endingReads } from './ending-reads.ts'
import { PulseWriter } from './pulse.ts'
import { DESCRIPTORS } from './thread.ts'
import type { EngineHost, EngineThread, ThreadData } from './thread.ts'
import { UserCode } from './user-code.ts'
import { containUserErrors } from './user-errors.ts'
import type { UnitHost } from './user-thread.ts'

const BEAT_EVERY_MS = 250
/** An engine whose predecessor is lost keeps its black box for so long: what brought that one down has come again by then. */
const CAREFUL_MS = 60_000

markEngineProcess()
forgetFolder()
const data = workerData as ThreadData
const log = createLog('engine', data.log)
const pulse = new PulseWriter(data.pulse)
const warden = callsTo<UnitHost>(parentPort!).remote
const hub = openPipe(DESCRIPTORS.calls)
const journal = openPipe(DESCRIPTORS.journal)
const userCode = new UserCode(
  pulse,
  data.quarantined,
  (units) => void warden.nameUnits(units),
  new BlackBoxWriter(DESCRIPTORS.blackBox),
)

pulse.beat()
setInterval(() => pulse.beat(), BEAT_EVERY_MS)
if (data.careful) systemClock.after(CAREFUL_MS, () => userCode.closeBox())
containUserErrors(log)

const core = new Core({
  data,
  log,
  userCode,
  host: callsTo<EngineHost>(hub).remote,
  journal: callsTo<EngineJournal>(journal).remote,
  reads: endingReads(openEngineReads(data.dataDir), fail),
  clock: systemClock,
  fail,
})
journal.on('message', (message) => {
  if (typeof message === 'object' && message !== null && 'committed' in message) core.committed()
})
serveCalls<EngineThread>(hub, core)
// Before any rule is loaded: their every version would be kept, too.
keepCompiled()

/** When its other end is gone so is the hub, and the warden ends this process. */
function openPipe(fd: number): FramedPort {
  const pipe = new Socket({ fd, readable: true, writable: true })
  const port = new FramedPort((bytes) => void pipe.write(bytes))
  pipe.on('data', (bytes) => port.take(bytes))
  pipe.on('error', () => {})
  return port
}

function fail(error: unknown): void {
  log.error({ err: error }, `The engine ends: ${messageOf(error)}`)
  process.exit(1)
}
