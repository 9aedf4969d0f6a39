// Loads the rule files of a folder: native TypeScript, one fresh set of modules per version of the folder. A
// file that does not load is told with its line, and keeps no other file from loading.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { systemClock } from '../../base/clock.ts'
import type { Clock } from '../../base/clock.ts'
import { formatDuration } from '../../base/quantities.ts'
import { loadFailure } from './load-failure.ts'
import type { LoadFailure } from './load-failure.ts'
import type { ModulePart } from '../../rules/compile.ts'
import { isImported, resolveRuleImports, ruleModuleUrl } from './resolve.ts'
import { displayName } from './rule-folder.ts'
import type { RuleFolder } from './rule-folder.ts'

interface LoadedModule {
  /** The file as people write it: `rules/door.ts`. */
  readonly file: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly part: ModulePart
}

export interface LoadedModules {
  readonly modules: readonly LoadedModule[]
  readonly failures: readonly LoadFailure[]
}

/**
 * @param entering is told the file whose code runs next: it may never come back
 * @param clock bounds how long a file may wait for something while it loads
 */
export async function loadModules(
  folder: RuleFolder,
  entering: (file: string) => void = () => {},
  clock: Clock = systemClock,
): Promise<LoadedModules> {
  resolveRuleImports(folder.version)
  const loaded: {
    readonly path: string
    readonly file: string
    readonly url: string
    readonly exports: LoadedModule['exports']
  }[] = []
  const failures: LoadFailure[] = []
  for (const file of folder.files) {
    const url = ruleModuleUrl(pathToFileURL(join(folder.dir, file)), folder.version)
    entering(displayName(folder.dir, file))
    try {
      loaded.push({
        path: file,
        file: displayName(folder.dir, file),
        url,
        exports: await inTime(importModule(url), clock),
      })
    } catch (error) {
      failures.push(loadFailure(folder.dir, file, error))
    }
  }
  return {
    modules: loaded.map(({ path, file, url, exports }) => ({
      file,
      exports,
      part: partOf(path, url, failures),
    })),
    failures,
  }
}

/**
 * Describes a module for the rule set. If the file that imports it may be one that did not load, nothing is
 * said against it.
 */
function partOf(path: string, url: string, failures: readonly LoadFailure[]): ModulePart {
  if (failures.length > 0 || isImported(url)) return 'helper'
  return path.includes('/') ? 'either' : 'rules'
}

const importModule = async (url: string): Promise<LoadedModule['exports']> =>
  (await import(url)) as LoadedModule['exports']

/** The longest time that a file may wait for something while it loads. */
const LONGEST_WAIT_MS = 30_000
const LOOKS = 100

/** Counts looks of this thread, so that a busy machine makes no file late. */
async function inTime<T>(loading: Promise<T>, clock: Clock): Promise<T> {
  const late = Promise.withResolvers<never>()
  let looks = 0
  let cancel = (): void => {}
  const look = (): void => {
    if (looks++ === LOOKS)
      late.reject(
        new Error(
          `it still waits for something after ${formatDuration(LONGEST_WAIT_MS)}: leave slow work to ` +
            'an action such as call',
        ),
      )
    else cancel = clock.after(LONGEST_WAIT_MS / LOOKS, look)
  }
  look()
  try {
    return await Promise.race([loading, late.promise])
  } finally {
    cancel()
  }
}
