// Looks at the rules of a folder without putting them into force. Their code runs in a process of its own, as
// in a hub; so whatever a file does there, the caller learns of it by name.

import { tmpdir } from 'node:os'
import type { Remote } from '../../base/calls.ts'
import { OperatorError } from '../../base/operator-error.ts'
import { moduleAt } from '../../base/package.ts'
import type { InspectionReport, Inspector, InspectorData, InspectorHost } from './inspector.ts'
import { spawnUserProcess } from '../contain/user-process.ts'
import type { Ending } from '../contain/ending.ts'

export interface InspectOptions extends Omit<InspectorData, 'careful' | 'isPatient'> {
  /** Lets everything else on the machine go first; by default it does not. */
  readonly isPatient?: boolean
  /** A file that runs for this long without coming to an end counts as hanging. */
  readonly hangLimitMs?: number
  readonly heapLimitMiB?: number
  /** Called with the progress of a backtest. */
  readonly progress?: InspectorHost['progress']
}

/** The rules could not be inspected; the message says whose code is the reason. */
export class InspectionFailed extends OperatorError {
  readonly ending: Ending

  constructor(ending: Ending) {
    const { reason, unit } = ending
    const who =
      unit === null ? 'The inspection' : unit.kind === 'file' ? `${unit.name}:` : `The rule "${unit.name}"`
    super(`${who} ${reason}; nothing more could be looked at.`)
    this.ending = ending
  }
}

const HANG_LIMIT_MS = 5_000
const HEAP_LIMIT_MIB = 512

type Ask<T> = (report: InspectionReport, inspector: Remote<Inspector>) => T | Promise<T>

/**
 * Loads the folder and resolves with the answers; the process is gone by then. Rejects with an
 * InspectionFailed when the process hangs or dies. When it was brought down by nobody knows whom, everything
 * is asked once more.
 */
export async function inspectRules<T>(options: InspectOptions, ask: Ask<T>): Promise<T> {
  try {
    return await inspect(options, false, ask)
  } catch (error) {
    const isUnknown = error instanceof InspectionFailed && error.ending.how === 'crashed'
    if (!isUnknown) throw error
    return await inspect(options, true, ask)
  }
}

async function inspect<T>(options: InspectOptions, careful: boolean, ask: Ask<T>): Promise<T> {
  const { rulesDir, root, place, isPatient = false, progress = () => {} } = options
  const inspection = spawnUserProcess<Inspector>({
    module: moduleAt('engine/inspect/inspector').href,
    name: 'inspection',
    data: { rulesDir, root, place, isPatient, careful } satisfies InspectorData,
    boxDir: tmpdir(),
    hangLimitMs: options.hangLimitMs ?? HANG_LIMIT_MS,
    heapLimitMiB: options.heapLimitMiB ?? HEAP_LIMIT_MIB,
    isQuiet: true,
  })
  inspection.serve({ progress } satisfies InspectorHost)
  try {
    return await ask(await inspection.remote.load(), inspection.remote)
  } catch (error) {
    const ending = await Promise.race([inspection.ended, Promise.resolve(undefined)])
    throw ending ? new InspectionFailed(ending) : error
  } finally {
    await inspection.terminate()
  }
}
