// Notices that the rules may have changed, and says so once for changes that come together. Watched are the
// rules folder, the folders that links in it lead to, and, by looking at them, the links themselves and the
// files outside that rules import. Where links lead and what rules import the last load tells: a link that is
// followed blindly may bring the whole machine.

import { realpathSync } from 'node:fs'
import { relative } from 'node:path'
import { watch } from 'chokidar'
import type { FSWatcher } from 'chokidar'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { watchFiles } from '../../base/watch-files.ts'
import { isIgnored } from '../load/rule-folder.ts'
import type { Beyond } from '../protocol.ts'

/** Editors write a file in several steps, and people save several files. */
const SETTLE_MS = 100

export interface FolderWatchOptions {
  readonly rulesDir: string
  /** What changes in here is no change of the rules, should it lie inside of their folder. */
  readonly dataDir?: string
  readonly clock: Clock
  readonly log: Log
  readonly changed: () => void
}

export class FolderWatch {
  readonly #options: FolderWatchOptions
  #beyond: Beyond = { looked: [], folders: [] }
  /** Real paths of what is watched. */
  #folders: readonly string[] = []
  #watcher: FSWatcher | undefined
  #stopLooking = (): void => {}
  #cancel = (): void => {}
  #isStopped = false

  constructor(options: FolderWatchOptions) {
    this.#options = options
  }

  /** Resolves when changes of the rules folder are seen from now on. */
  async start(): Promise<void> {
    const watcher = this.#open()
    await new Promise<void>((resolve) => watcher.once('ready', resolve))
  }

  /** From now on changes of these are seen, too: the rules that were just loaded depend on them. */
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
    // What changes until this one is ready is part of what is loaded then.
    this.#open().once('ready', this.#settle)
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
      .on('all', this.#settle)
      .on('error', (error) =>
        log.error(
          { err: error },
          `Changes in ${rulesDir} are not noticed any more; restart the hub to load them.`,
        ),
      )
    return this.#watcher
  }

  /** The rules folder, a link or an imported file is another one than it was. */
  #look(): void {
    if (this.#targets().join('\0') === this.#folders.join('\0')) this.#settle()
    else this.#openAnew()
  }

  #targets(): string[] {
    return [this.#options.rulesDir, ...this.#beyond.folders].map(targetOf)
  }

  readonly #settle = (): void => {
    if (this.#isStopped) return
    this.#cancel()
    this.#cancel = this.#options.clock.after(SETTLE_MS, this.#options.changed)
  }
}

/** From the folder down to the path; empty when that does not lie below. */
function wayTo(path: string, folder: string): string {
  const way = relative(folder, path)
  return way.startsWith('..') ? '' : way
}

/** The path itself when nothing is there. */
function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
