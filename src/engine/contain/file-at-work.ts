// Finds the file whose code a thread runs when it hangs where nobody entered it by name: behind the first
// `await` of a call, or in a timer of a rule file. A short profile of the thread shows the file; V8 takes a
// profile even of a loop, or a regular expression, that never ends.

import type { Worker } from 'node:worker_threads'
import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/pause.ts'
import type { UserUnit } from '../../model/suspect.ts'

const LENGTH_MS = 100
/** A thread that is stuck in a call of the system shows nothing. */
const PATIENCE_MS = 2_000

/** The part of a CPU profile (Chrome DevTools Protocol, Profiler.Profile) that is looked at. */
interface Profile {
  readonly nodes: readonly { readonly hitCount?: number; readonly callFrame: { readonly url: string } }[]
}

/** @param units those that have a name; a rule file is one of them */
export async function fileAtWork(
  worker: Worker,
  units: readonly UserUnit[],
  clock: Clock,
): Promise<UserUnit | null> {
  const look = async (): Promise<UserUnit | null> => {
    const profile = await worker.startCpuProfile()
    await pause(clock, LENGTH_MS)
    return fileIn(JSON.parse(await profile.stop()) as Profile, units)
  }
  return await Promise.race([look().catch(() => null), pause(clock, PATIENCE_MS).then(() => null)])
}

/** Returns the file in which most of the time was spent; a file that only calls others comes last. */
export function fileIn({ nodes }: Profile, units: readonly UserUnit[]): UserUnit | null {
  const files = units.filter(({ kind }) => kind === 'file')
  const byHits = nodes.toSorted((one, other) => (other.hitCount ?? 0) - (one.hitCount ?? 0))
  for (const { callFrame } of byHits) {
    const path = pathOf(callFrame.url)
    const file = files.find(({ name }) => path.endsWith(`/${name}`))
    if (file) return file
  }
  return null
}

function pathOf(url: string): string {
  try {
    return url.startsWith('file:') ? decodeURIComponent(new URL(url).pathname) : ''
  } catch {
    return ''
  }
}
