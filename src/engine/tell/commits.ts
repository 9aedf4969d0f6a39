// Commits what the engine decides, in order: its draft as a whole, and then a call for each run whose end was
// in it. A commit that the store refuses is the end of the engine: its successor goes on at the cursor that
// was committed last.

import type { Remote } from '../../base/calls.ts'
import { killPoint } from '../../base/kill-points.ts'
import type { Alert } from '../../model/alert.ts'
import type { Event } from '../../model/event.ts'
import type { RulePause } from '../../model/rule-pause.ts'
import type { EngineJournal } from '../../model/store.ts'
import { Draft } from '../runs/draft.ts'
import type { OpenRun } from '../runs/open-run.ts'

export interface CommitPorts {
  readonly journal: Remote<EngineJournal>
  /** Called when the end of the run is committed. */
  readonly ended: (run: OpenRun, event: Event | undefined) => void
  /** Called when the alert is committed, as it is now. */
  readonly alertChanged: (alert: Alert) => void
  /** Called when the pause of a rule is committed, as it is now. */
  readonly rulePauseChanged: (pause: RulePause) => void
  /** Called when the store has refused a commit. */
  readonly fail: (error: unknown) => void
}

export class Commits {
  readonly draft = new Draft()
  readonly #ports: CommitPorts
  /** Runs whose end is in the draft. */
  #ended: { readonly open: OpenRun; readonly event: Event | undefined }[] = []
  readonly #underWay = new Set<Promise<void>>()
  /** Stops committing: the successor writes from now on. */
  #isRetired = false

  constructor(ports: CommitPorts) {
    this.#ports = ports
  }

  /** Called when the run has ended; the end is in the draft. */
  readonly ended = (open: OpenRun, event: Event | undefined): void => {
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

  /** Resolves when all commits under way have ended. */
  async quiet(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  retire(): void {
    this.#isRetired = true
  }

  async #write(): Promise<void> {
    const { journal, ended, alertChanged, rulePauseChanged, fail } = this.#ports
    const told = this.#ended
    this.#ended = []
    const change = this.draft.take()
    try {
      await journal.commit(change)
    } catch (error) {
      fail(error)
      return new Promise(() => {})
    }
    killPoint('commit')
    for (const { open, event } of told) ended(open, event)
    for (const alert of change.alerts ?? []) alertChanged(alert)
    for (const pause of change.rulePauses ?? []) rulePauseChanged(pause)
  }
}
