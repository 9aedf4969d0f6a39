// What stands in for the world when rules are tried out: every action that would touch it is answered at
// once, as it was told.

import type { ActionKind } from '../../model/action.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Claim } from '../work/work.ts'

/** Actions with an end of their own to tell; the others steer the run. */
export type PerformedKind = Exclude<ActionKind, 'wait' | 'parallel'>

/** What an action gives when all goes well. */
const GOOD: Readonly<Record<PerformedKind, JsonObject>> = {
  shell: { exitCode: 0, signal: null, durationMs: 0, stdout: '', stderr: '' },
  webhook: { status: 200, durationMs: 0, body: '' },
  kill: { processes: [] },
  reap: { how: 'gone' },
  call: {},
  publish: {},
  alert: {},
  notify: {},
}

export class StandIns {
  readonly #answers = new Map<PerformedKind, JsonObject>()
  readonly #failures = new Map<PerformedKind, { left: number; readonly reason: string }>()

  /** From now on, actions of a kind give this. */
  answer(kind: PerformedKind, result: JsonObject): void {
    this.#answers.set(kind, { ...GOOD[kind], ...result })
  }

  /** The next attempts of a kind fail, in a way that may pass. */
  fail(kind: PerformedKind, times: number, reason: string): void {
    this.#failures.set(kind, { left: times, reason })
  }

  /** `undefined` for what has no effect outside of the hub and is not told to fail: it is really done. */
  outcome({ spec: { kind } }: Claim): Outcome | undefined {
    const failure = this.#failures.get(kind)
    if (failure && failure.left > 0) {
      failure.left--
      return { kind: 'retry', reason: failure.reason }
    }
    if (kind === 'publish' || kind === 'alert') return undefined
    return { kind: 'done', result: this.#answers.get(kind) ?? GOOD[kind] }
  }
}
