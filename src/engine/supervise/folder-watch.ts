// Notices that the rules may have changed, and calls back once for changes that come together. It watches the
// rules folder and the folders to which links in it lead. It also looks at the links themselves, and at the
// files outside that rules import. The last load has told where links lead and what rules import: following a
// link blindly may bring in the whole machine.

import { realpathSync } from 'node:fs'
import { relative } from 'node:path'
import { watch } from 'chokidar'
import type { FSWatcher } from 'chokidar'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { watchFiles } from '../../base/watch-files.ts'
import { isIgnored } from '../load/rule-folder.ts'
import type { Beyond } from '../protocol.ts'

/**
 * The pause after a change before it is reported: editors write a file in several steps, and people save
 * several files.
 */
const QUIET_MS = 100

export interface FolderWatchOptions {
  readonly rulesDir: string
  /** The data folder. If it lies inside of the rules folder, changes in it are no changes of the rules. */
  readonly dataDir?: string
  readonly clock: Clock
  readonly log: Log
  readonly changed: () => void
}

export class FolderWatch {
  readonly #options: FolderWatchOptions
  #beyond: Beyond = { looked: [], folders: [] }
  /** Real paths of the folders that are watched. */
  #folders: readonly string[] = []
  #watcher: FSWatcher | undefined
  #stopLooking = (): void => {}
  #cancel = (): void => {}
  #isStopped = false

  constructor(options: FolderWatchOptions) {
    this.#options = options
  }

  /** Resolves when changes of the rules folder are noticed from now on. */
  async start(): Promise<void> {
    const watcher = this.#open()
    await new Promise<void>((resolve) => watcher.once('ready', resolve))
  }

  /** Also watches the paths on which the rules that were just loaded depend. */
  alsoWatch(beyond: Beyond): void {
    if (this.#isStopped || JSON.stringify(beyond) === JSON.stringify(this.#beyond)) return
    this.#beyond = beyond
    this.#openAnew()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopLooking()
    await this.#watcher?.close()
    this.#cancel()
  }

  #openAnew(): void {
    const before = this.#watcher
    this.#stopLooking()
    // A change before the new watcher is ready may go unseen, so its readiness counts as a change.
    this.#open().once('ready', this.#changed)
    void before?.close()
  }

  #open(): FSWatcher {
    const { rulesDir, dataDir, log } = this.#options
    const data = dataDir === undefined ? undefined : targetOf(dataDir)
    const folders = this.#targets()
    this.#folders = folders
    this.#stopLooking = watchFiles([rulesDir, ...this.#beyond.looked], () => this.#look())
    this.#watcher = watch(folders, {
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (path) => path === data || folders.some((folder) => isIgnored(wayTo(path, folder))),
    })
      .on('all', this.#changed)
      .on('error', (error) =>
        log.error(
          { err: error },
          `Changes in ${rulesDir} are not noticed any more; restart the hub to load them.`,
        ),
      )
    return this.#watcher
  }

  /** Called when the rules folder, a link or an imported file may have been replaced by another. */
  #look(): void {
    if (this.#targets().join('\0') === this.#folders.join('\0')) this.#changed()
    else this.#openAnew()
  }

  #targets(): string[] {
    return [this.#options.rulesDir, ...this.#beyond.folders].map(targetOf)
  }

  readonly #changed = (): void => {
    if (this.#isStopped) return
    this.#cancel()
    this.#cancel = this.#options.clock.after(QUIET_MS, this.#options.changed)
  }
}

/** Returns the path from the folder down to `path`; empty when `path` does not lie in the folder. */
function wayTo(path: string, folder: string): string {
  const way = relative(folder, path)
  return way.startsWith('..') ? '' : way
}

/** Returns the real path; the path itself when nothing is there. */
function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
