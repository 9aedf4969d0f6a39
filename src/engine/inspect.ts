// Looks at the rules of a folder without putting them to work. Their code runs in a thread of its own, so that a file with an
// endless loop is told by name instead of hanging whoever asks.

import type { Remote } from '../base/calls.ts'
import { systemClock } from '../base/clock.ts'
import { sibling } from '../base/sibling.ts'
import type { InspectionReport, Inspector, InspectorData, InspectorHost } from './inspector.ts'
import { spawnUserThread } from './user-thread.ts'
import type { Ending } from './user-thread.ts'

export interface InspectOptions extends InspectorData {
  /** A file that runs for this long without coming to an end hangs. */
  readonly hangLimitMs?: number
  /** How far a backtest has come. */
  readonly progress?: InspectorHost['progress']
}

/** The rules could not be looked at; the message says whose code is the reason. */
export class InspectionFailed extends Error {}

const HANG_LIMIT_MS = 5_000
const HEAP_LIMIT_MIB = 512

/**
 * Loads the folder and resolves with what the questions gave; the thread is gone then. Rejects with an InspectionFailed when it
 * hangs or dies.
 */
export async function inspectRules<T>(
  { rulesDir, root, hangLimitMs = HANG_LIMIT_MS, progress = () => {} }: InspectOptions,
  ask: (report: InspectionReport, inspector: Remote<Inspector>) => T | Promise<T>,
): Promise<T> {
  const thread = spawnUserThread<Inspector>({
    module: sibling(import.meta.url, './inspector'),
    name: 'inspection',
    data: { rulesDir, root } satisfies InspectorData,
    host: { progress } satisfies Omit<InspectorHost, 'nameUnits'>,
    clock: systemClock,
    hangLimitMs,
    heapLimitMiB: HEAP_LIMIT_MIB,
  })
  try {
    return await ask(await thread.remote.load(), thread.remote)
  } catch (error) {
    const ending = await Promise.race([thread.ended, Promise.resolve(undefined)])
    throw ending ? failure(ending) : error
  } finally {
    await thread.terminate()
  }
}

function failure({ reason, unit }: Ending): InspectionFailed {
  const who =
    unit === null ? 'The inspection' : unit.kind === 'file' ? `${unit.name}:` : `The rule "${unit.name}"`
  return new InspectionFailed(`${who} ${reason}; nothing more could be looked at.`)
}
