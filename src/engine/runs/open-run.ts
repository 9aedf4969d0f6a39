// A run that has not ended, as the engine holds it: the run, its steps, and what is to be done next. Every
// move is made here, is a legal one of model/run.ts, and is noted for the next commit; nothing here waits or
// performs.

import type { ActionSpec, ProcessIdentity } from '../../model/action.ts'
import type { Outcome } from '../../model/outcome.ts'
import { NEXT_RUN_STATES, NEXT_STEP_STATES } from '../../model/run.ts'
import type { Run, RunState, Step, StepState } from '../../model/run.ts'
import type { Draft } from './draft.ts'

/** The state of a step, or of a sequence of steps. */
type End = 'open' | 'done' | 'dead'

export class OpenRun {
  readonly #draft: Draft
  #run: Run
  readonly #steps = new Map<string, Step>()

  constructor(run: Run, steps: readonly Step[], draft: Draft) {
    this.#run = run
    this.#draft = draft
    for (const step of steps) this.#steps.set(step.path, step)
  }

  get run(): Run {
    return this.#run
  }

  get steps(): readonly Step[] {
    return [...this.#steps.values()]
  }

  get hasEnded(): boolean {
    return NEXT_RUN_STATES[this.#run.state].length === 0 || this.#run.state === 'dead'
  }

  step(path: string): Step {
    const step = this.#steps.get(path)
    if (step === undefined) throw new Error(`run ${this.#run.id} has no step ${path}`)
    return step
  }

  /**
   * Advances as far as possible without performing anything. Returns the paths that are ready to be
   * performed.
   */
  advance(now: number): readonly string[] {
    const ready: string[] = []
    const end = this.#advanceRow(this.#row(''), now, ready)
    if (end !== 'open') this.#endRun(end, now)
    return ready
  }

  /** Begins an attempt. The spec is `null` when a function of earlier results could not say what to do. */
  begin(path: string, spec: ActionSpec | null, now: number): void {
    if (this.#run.state === 'planned') this.#moveRun('running', { startedAt: now })
    const step = this.step(path)
    this.#moveStep(path, 'running', {
      attempt: step.attempt + 1,
      startedAt: step.startedAt ?? now,
      wakeAt: null,
      ...(step.spec === null && { spec }),
    })
  }

  performedBy(path: string, process: ProcessIdentity): void {
    this.#change(path, { process })
  }

  /** Makes the step wait until `wakeAt`, for a retry or because of `wait`. */
  pause(path: string, wakeAt: number, outcome: Outcome | null): void {
    this.#moveStep(path, 'waiting', { wakeAt, outcome })
  }

  shiftWake(path: string, byMs: number): void {
    const { wakeAt } = this.step(path)
    if (wakeAt !== null) this.#change(path, { wakeAt: wakeAt + byMs })
  }

  endWait(path: string, now: number): void {
    this.#moveStep(path, 'running', { wakeAt: null })
    this.end(path, 'done', { kind: 'done', result: {} }, now)
  }

  end(path: string, state: 'done' | 'dead', outcome: Outcome, now: number): void {
    this.#moveStep(path, state, { outcome, endedAt: now, wakeAt: null })
  }

  /** Begins the attempt again: nobody performs it any more, and its outcome is not known. */
  cutOff(path: string): void {
    this.#moveStep(path, 'pending', { wakeAt: null, cutOffs: this.step(path).cutOffs + 1 })
  }

  /** Ends a step for which there turned out to be nothing to do. */
  skip(path: string, now: number): void {
    this.#skip(path, now)
  }

  /**
   * Takes up a dead run by hand: the steps that failed, and those that were left out because of that. Steps
   * of `onFailure` are not performed again.
   */
  retry(): void {
    this.#moveRun('running', { endedAt: null, reason: null })
    for (const { path, state, spec } of this.steps) {
      if ((state === 'dead' || state === 'skipped') && !path.includes('!'))
        this.#moveStep(path, 'pending', { endedAt: null, wakeAt: null })
      // The run was set aside before anybody had looked at its steps.
      else if (state === 'running' && spec?.kind !== 'parallel') this.cutOff(path)
    }
  }

  /** Ends a dead run for good. Its steps stay as they are, for those who look. */
  discard(reason: string, now: number): void {
    this.#moveRun('cancelled', { endedAt: now, reason })
  }

  cancel(reason: string, now: number): void {
    for (const { path, state } of this.steps) {
      if (NEXT_STEP_STATES[state].includes('cancelled'))
        this.#moveStep(path, 'cancelled', { endedAt: now, wakeAt: null })
    }
    this.#moveRun('cancelled', { endedAt: now, reason })
  }

  /** Ends a run that cannot go on, because the function that makes its next step failed. */
  fail(reason: string, now: number): void {
    const open = this.steps.filter(({ state }) => NEXT_STEP_STATES[state].includes('cancelled'))
    const begun = open.filter(({ state }) => state !== 'pending')
    const failed = begun.length > 0 ? begun : open.slice(0, 1)
    for (const { path, state, spec } of failed) {
      if (state !== 'running') this.begin(path, spec, now)
      this.end(path, 'dead', { kind: 'give-up', reason }, now)
    }
    for (const { path } of open) this.#skip(path, now)
    this.#endRun('dead', now, failed.length === 0 ? reason : null)
  }

  // The steps are performed one after the other, up to the first that fails.
  #advanceRow(row: readonly Step[], now: number, ready: string[]): End {
    for (const [index, { path }] of row.entries()) {
      const end = this.#advanceStep(path, now, ready)
      if (end === 'open') return 'open'
      if (end === 'dead') {
        for (const later of row.slice(index + 1)) this.#skip(later.path, now)
        return 'dead'
      }
    }
    return 'done'
  }

  #advanceStep(path: string, now: number, ready: string[]): End {
    const { state, spec } = this.step(path)
    switch (state) {
      case 'pending':
        if (spec?.kind !== 'parallel') {
          ready.push(path)
          return 'open'
        }
        this.begin(path, spec, now)
        return this.#advanceParallel(path, now, ready)
      case 'running':
        return spec?.kind === 'parallel' ? this.#advanceParallel(path, now, ready) : 'open'
      case 'waiting':
        return 'open'
      case 'done':
      case 'skipped':
        return 'done'
      case 'dead':
        return this.#advanceRow(this.#onFailure(path), now, ready) === 'open' ? 'open' : 'dead'
      case 'cancelled':
        return 'dead'
    }
    return state satisfies never
  }

  #advanceParallel(path: string, now: number, ready: string[]): End {
    const ends = this.#children(path).map((child) => this.#advanceStep(child.path, now, ready))
    if (ends.includes('open')) return 'open'
    const failed = ends.filter((end) => end === 'dead').length
    const results = this.#children(path).map(({ outcome }) => outcome?.result ?? null)
    if (failed === 0) this.end(path, 'done', { kind: 'done', result: { results } }, now)
    else {
      const reason = `${failed} of its ${ends.length} steps failed`
      this.end(path, 'dead', { kind: 'give-up', reason, result: { results } }, now)
    }
    return this.#advanceStep(path, now, ready)
  }

  /**
   * The children of a parallel step. If a function of earlier results has only just returned the step, they
   * are made now.
   */
  #children(path: string): readonly Step[] {
    const spec = this.step(path).spec
    if (spec?.kind !== 'parallel') return []
    const known = this.#row(`${path}.`)
    return known.length > 0 || spec.steps.length === 0 ? known : this.#add(`${path}.`, spec.steps)
  }

  #onFailure(path: string): readonly Step[] {
    const known = this.#row(`${path}!`)
    return known.length > 0 ? known : this.#add(`${path}!`, this.step(path).spec?.onFailure ?? [])
  }

  #add(prefix: string, specs: readonly (ActionSpec | null)[]): readonly Step[] {
    const steps = specs.map((spec, index) => newStep(this.#run.id, `${prefix}${index}`, spec))
    for (const step of steps) {
      this.#steps.set(step.path, step)
      this.#draft.newStep(step)
    }
    return steps
  }

  /** The steps directly under a prefix, in order. */
  #row(prefix: string): readonly Step[] {
    const row: Step[] = []
    for (let index = 0; ; index++) {
      const step = this.#steps.get(`${prefix}${index}`)
      if (step === undefined) return row
      row.push(step)
    }
  }

  #skip(path: string, now: number): void {
    if (this.step(path).state !== 'pending') return
    this.#moveStep(path, 'skipped', { endedAt: now })
    for (const child of this.#row(`${path}.`)) this.#skip(child.path, now)
  }

  /** @param reason where no step tells it */
  #endRun(end: 'done' | 'dead', now: number, reason: string | null = null): void {
    if (this.#run.state === 'planned') this.#moveRun('running', { startedAt: now })
    this.#moveRun(end, { endedAt: now, reason })
  }

  #moveRun(state: RunState, changes: Partial<Run>): void {
    if (!NEXT_RUN_STATES[this.#run.state].includes(state))
      throw new Error(`run ${this.#run.id} cannot go from ${this.#run.state} to ${state}`)
    this.#run = { ...this.#run, ...changes, state }
    this.#draft.run(this.#run)
  }

  #moveStep(path: string, state: StepState, changes: Partial<Step>): void {
    const step = this.step(path)
    if (!NEXT_STEP_STATES[step.state].includes(state))
      throw new Error(`step ${path} of run ${this.#run.id} cannot go from ${step.state} to ${state}`)
    this.#change(path, { ...changes, state })
  }

  #change(path: string, changes: Partial<Step>): void {
    const step = { ...this.step(path), ...changes }
    this.#steps.set(path, step)
    this.#draft.step(step)
  }
}

export const newStep = (run: number, path: string, spec: ActionSpec | null): Step => ({
  run,
  path,
  spec,
  state: 'pending',
  attempt: 0,
  cutOffs: 0,
  wakeAt: null,
  startedAt: null,
  endedAt: null,
  outcome: null,
})
