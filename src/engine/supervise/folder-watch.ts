// Notices that something in the rules folder has changed, and says so once for changes that come together. The folder may be
// reached by links, or hold some, that turn to another target whole, as tools of deployment do: files do not tell of that, so
// where the links lead is looked at as well.

import { readdirSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { watch } from 'chokidar'
import type { FSWatcher } from 'chokidar'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { watchFiles } from '../../base/watch-files.ts'
import { isIgnored } from '../load/rule-folder.ts'

/** Editors write a file in several steps, and people save several files. */
const SETTLE_MS = 100

export interface FolderWatch {
  /** Resolves when changes are seen from now on. */
  readonly ready: Promise<void>
  stop(): Promise<void>
}

export function watchRuleFolder(rulesDir: string, clock: Clock, log: Log, changed: () => void): FolderWatch {
  let cancel = (): void => {}
  const settle = (): void => {
    cancel()
    cancel = clock.after(SETTLE_MS, changed)
  }
  const open = (): FSWatcher =>
    watch(rulesDir, {
      ignoreInitial: true,
      ignored: (path) => isIgnored(relative(rulesDir, path)),
    })
      .on('all', settle)
      .on('error', (error) =>
        log.error(
          { err: error },
          `Changes in ${rulesDir} are not noticed any more; restart the hub to load them.`,
        ),
      )
  let watcher = open()
  let targets = targetsOf(rulesDir)
  const stopLooking = watchFiles([rulesDir], () => {
    const now = targetsOf(rulesDir)
    if (now === targets) return
    targets = now
    void watcher.close()
    // What changes until this one is ready is part of what is loaded then.
    watcher = open().once('ready', settle)
  })
  return {
    ready: new Promise((resolve) => watcher.once('ready', resolve)),
    async stop() {
      stopLooking()
      await watcher.close()
      cancel()
    },
  }
}

/** Where the folder itself and the links in it lead; empty when there is no folder. */
function targetsOf(rulesDir: string): string {
  try {
    const links = readdirSync(rulesDir, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())
    return [rulesDir, ...links.map(({ name }) => join(rulesDir, name)).toSorted()].map(targetOf).join('\0')
  } catch {
    return ''
  }
}

function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return 'nowhere'
  }
}
