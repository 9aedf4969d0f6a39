// Notices that something in the rules folder has changed, and says so once for changes that come together.

import { relative } from 'node:path'
import { watch } from 'chokidar'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { isIgnored } from './rule-folder.ts'

/** Editors write a file in several steps, and people save several files. */
const SETTLE_MS = 100

export interface FolderWatch {
  /** Resolves when changes are seen from now on. */
  readonly ready: Promise<void>
  stop(): Promise<void>
}

export function watchRuleFolder(rulesDir: string, clock: Clock, log: Log, changed: () => void): FolderWatch {
  let cancel = (): void => {}
  const watcher = watch(rulesDir, {
    ignoreInitial: true,
    ignored: (path) => isIgnored(relative(rulesDir, path)),
  })
  watcher.on('all', () => {
    cancel()
    cancel = clock.after(SETTLE_MS, changed)
  })
  watcher.on('error', (error) =>
    log.error(
      { err: error },
      `Changes in ${rulesDir} are not noticed any more; restart the hub to load them.`,
    ),
  )
  return {
    ready: new Promise((resolve) => watcher.once('ready', resolve)),
    async stop() {
      cancel()
      await watcher.close()
    },
  }
}
