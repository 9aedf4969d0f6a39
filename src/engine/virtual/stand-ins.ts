// Stand-ins for the outside world when rules are tried out: an action that would act on the world is answered
// at once, with the result that the test chose.

import type { ActionKind } from '../../model/action.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Claim } from '../steps/work.ts'

/** Actions that end with a result; the others steer the run. */
export type PerformedKind = Exclude<ActionKind, 'wait' | 'parallel'>

/** The result of each kind of action when all goes well. */
const GOOD: Readonly<Record<PerformedKind, JsonObject>> = {
  shell: { exitCode: 0, signal: null, durationMs: 0, stdout: '', stderr: '' },
  webhook: { status: 200, durationMs: 0, body: '' },
  kill: { processes: [] },
  reap: { how: 'gone' },
  renice: { processes: [] },
  restart: { how: 'started', processes: [] },
  list: { count: 0, processes: [] },
  call: {},
  publish: {},
  alert: {},
  notify: {},
}

export class StandIns {
  readonly #answers = new Map<PerformedKind, JsonObject>()
  readonly #failures = new Map<PerformedKind, { left: number; readonly reason: string }>()

  /** Sets the result of one kind of action from now on. */
  answer(kind: PerformedKind, result: JsonObject): void {
    this.#answers.set(kind, { ...GOOD[kind], ...result })
  }

  /** Makes the next attempts of one kind fail, in a way that may pass. */
  fail(kind: PerformedKind, times: number, reason: string): void {
    this.#failures.set(kind, { left: times, reason })
  }

  /**
   * Returns the outcome of an attempt; `undefined` if the action has no effect outside of the hub and is not
   * told to fail: then it is really performed.
   */
  outcome({ spec: { kind } }: Claim): Outcome | undefined {
    const failure = this.#failures.get(kind)
    if (failure && failure.left > 0) {
      failure.left--
      return { kind: 'retry', reason: failure.reason }
    }
    if (kind === 'publish' || kind === 'alert' || kind === 'notify') return undefined
    return { kind: 'done', result: this.#answers.get(kind) ?? GOOD[kind] }
  }
}
