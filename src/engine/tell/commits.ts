// What the engine writes, in order: its draft, whole, and then a word about each run whose end was in it.
// What the store refuses is the end of the engine: its successor goes on at the cursor that was written last.

import type { Remote } from '../../base/calls.ts'
import { killPoint } from '../../base/kill-points.ts'
import type { Event } from '../../model/event.ts'
import type { EngineJournal } from '../../model/store.ts'
import { Draft } from '../runs/draft.ts'
import type { OpenRun } from '../runs/open-run.ts'

export interface CommitPorts {
  readonly journal: Remote<EngineJournal>
  /** The end of the run is in the store. */
  readonly ended: (run: OpenRun, event: Event) => void
  /** The store has refused. */
  readonly fail: (error: unknown) => void
}

export class Commits {
  readonly draft = new Draft()
  readonly #ports: CommitPorts
  /** Runs whose end is in the draft. */
  #ended: { readonly open: OpenRun; readonly event: Event }[] = []
  readonly #underWay = new Set<Promise<void>>()
  /** The successor writes from now on. */
  #isRetired = false

  constructor(ports: CommitPorts) {
    this.#ports = ports
  }

  /** The run has ended; the end is in the draft. */
  readonly ended = (open: OpenRun, event: Event): void => {
    this.#ended.push({ open, event })
  }

  /** Commits what the draft holds. Never rejects. */
  readonly commit = (): Promise<void> => {
    if (this.draft.isEmpty || this.#isRetired) return Promise.resolve()
    const commit = this.#write()
    this.#underWay.add(commit)
    void commit.finally(() => this.#underWay.delete(commit))
    return commit
  }

  /** Resolves when all that was under way is written. */
  async quiet(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  retire(): void {
    this.#isRetired = true
  }

  async #write(): Promise<void> {
    const { journal, ended, fail } = this.#ports
    const told = this.#ended
    this.#ended = []
    try {
      await journal.commit(this.draft.take())
    } catch (error) {
      fail(error)
      return new Promise(() => {})
    }
    killPoint('commit')
    for (const { open, event } of told) ended(open, event)
  }
}
