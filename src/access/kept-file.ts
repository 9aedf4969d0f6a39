// A file of users or of tokens, kept up to date while the hub runs.
//
// Always: a file that is broken, or gone, changes nothing: the last good one stays in force, and the log says
// what is wrong.

import type { Log } from '../base/log.ts'
import { watchFiles } from '../base/watch-files.ts'
import { isReadableByOthers } from './replace-file.ts'

export interface KeptFileOptions<T> {
  /** May be absent. */
  readonly file: string
  readonly log: Log
  /** Returns `none` when there is no file. */
  readonly read: (file: string) => T
  readonly none: T
  /** What `read` throws when the file is broken. */
  readonly Problem: new (...parts: never[]) => Error
  /** What the file says, as sentences call it: "users and permissions". */
  readonly what: string
  /** The text of a file that says nothing. */
  readonly empty: string
  /** "3 users, 2 permissions" */
  readonly count: (contents: T) => string
  readonly onChanged?: () => void
}

export class KeptFile<T> {
  readonly #options: KeptFileOptions<T>
  #contents: T
  #unwatch: (() => void) | undefined

  /** @throws the Problem when there is a file and it is broken */
  constructor(options: KeptFileOptions<T>) {
    this.#options = options
    this.#contents = options.read(options.file)
  }

  get contents(): T {
    return this.#contents
  }

  start(): void {
    this.#unwatch ??= watchFiles([this.#options.file], () => this.reload())
    // The file may have changed since it was read.
    this.reload()
  }

  stop(): void {
    this.#unwatch?.()
    this.#unwatch = undefined
  }

  /** Takes the file as it is now. */
  reload(): void {
    const { file, log, read, none, Problem, what, empty, count, onChanged } = this.#options
    const stay = `The previous ${what} stay in force.`
    let next: T
    try {
      next = read(file)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      log.error(`${error.message}\n${stay}`)
      return
    }
    // Editors and deployments move it away and another in its place: for that moment it would let everybody
    // in.
    if (next === none && this.#contents !== none) {
      log.error(`${file} is gone. ${stay} If there are to be none, write ${empty} to the file.`)
      return
    }
    if (isReadableByOthers(file))
      log.warn(`Other users of this machine can read ${file}. To prevent that: chmod 600 ${file}`)
    if (JSON.stringify(next) === JSON.stringify(this.#contents)) return
    this.#contents = next
    log.info(`The hub read ${file} again: ${count(next)}.`)
    onChanged?.()
  }
}
