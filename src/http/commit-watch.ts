// Waits for commits: whoever follows the journal looks, waits for the next commit, and looks again. A commit
// during the look is not missed.

import type { Clock } from '../base/clock.ts'

/** Calls the listener after each commit, until the returned function is called. */
export type OnCommit = (listener: () => void) => () => void

export interface CommitWatchOptions {
  readonly onCommit: OnCommit
  readonly clock: Pick<Clock, 'after'>
  /** The least time from one look to the next, in milliseconds: a busy hub commits hundreds of times a second. */
  readonly gapMs: number
}

export class CommitWatch {
  readonly #options: CommitWatchOptions
  readonly #off: () => void
  #isNew = false
  #wake = (): void => {}
  #stopped = false

  /** It listens from now on; `stop` must be called. */
  constructor(options: CommitWatchOptions) {
    this.#options = options
    this.#off = options.onCommit(() => {
      this.#isNew = true
      this.#wake()
    })
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Resolves after a commit, or when `atMostMs` are over, or when the watch is stopped. */
  async next(atMostMs: number): Promise<void> {
    await this.#pause(Math.min(this.#options.gapMs, atMostMs), () => false)
    await this.#pause(atMostMs, () => this.#isNew)
    this.#isNew = false
  }

  stop(): void {
    this.#stopped = true
    this.#off()
    this.#wake()
  }

  #pause(lengthMs: number, isOver: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stopped || isOver()) return resolve()
      const cancel = this.#options.clock.after(lengthMs, () => end())
      const end = (): void => {
        this.#wake = () => {}
        cancel()
        resolve()
      }
      this.#wake = () => {
        if (this.#stopped || isOver()) end()
      }
    })
  }
}
