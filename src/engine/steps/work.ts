// Performs the steps of open runs: claims what is ready (committed before it begins), performs it, and
// commits its outcome.
//
// Always: a step is claimed in the store before anything happens in the world, and its outcome is in the
// store before the next step begins. What a crash interrupts is found running in the store, and is performed
// again.
//
// The file is long because each move of a step, from its claim to its outcome, changes the same runs, places,
// wakes and draft, and the order of these changes is what the two sentences above rest on.

import type { Clock } from '../../base/clock.ts'
import { formatSize } from '../../base/quantities.ts'
import { killPoint } from '../../base/kill-points.ts'
import type { ActionSpec, ProcessIdentity } from '../../model/action.ts'
import type { Earlier } from '../../model/clock-behind.ts'
import type { Event } from '../../model/event.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Draft } from '../runs/draft.ts'
import { OpenRun } from '../runs/open-run.ts'
import { HEAVIEST_RUNS, OpenRuns } from '../runs/open-runs.ts'
import type { Entry } from '../runs/open-runs.ts'
import { HEAVIEST_COMMIT, HEAVIEST_EVENT, LIGHT_DECISION, weightOf } from '../runs/weight.ts'
import { Places } from './places.ts'
import type { WorkLimits } from '../protocol.ts'
import { applyOutcome, cutOff } from '../runs/apply-outcome.ts'
import { StepWakes } from './step-wakes.ts'
import type { StepRef } from '../../model/run.ts'

/**
 * The most bytes that open runs may take with what functions of earlier results return. The planner takes no
 * event beyond HEAVIEST_RUNS, and one more event may lie above that.
 */
const HEAVIEST_WITH_DECIDED = HEAVIEST_RUNS + HEAVIEST_EVENT

/** A run with what its steps are given. */
export interface Plan {
  readonly run: Run
  readonly steps: readonly Step[]
  readonly event: Event
  /** How many runs of its rule and key may go on side by side, the oldest first. */
  readonly width: number
}

/** A dead run, with its event as long as history has it. */
type DeadRun = Pick<Plan, 'run' | 'steps'> & { readonly event: Event | undefined }

/** One attempt of one step, about to be made. */
export interface Claim {
  readonly run: OpenRun
  readonly event: Event
  readonly path: string
  readonly spec: PerformedSpec
  readonly attempt: number
  /** Ends the attempt, with an Error that says why. */
  readonly ending: AbortController
  readonly started: (process: ProcessIdentity) => void
}

/** What is left to perform when the engine has done its part. */
type PerformedSpec = Exclude<ActionSpec, { kind: 'wait' | 'parallel' }>

export interface WorkPorts {
  readonly clock: Clock
  readonly draft: Draft
  /** Commits the draft. Never rejects: a store that refuses is the end of this engine. */
  commit(): Promise<void>
  /** Never rejects. */
  perform(claim: Claim): Promise<Outcome>
  /** Calls a function of earlier results: `null` when there is nothing to do, an Error when it cannot say. */
  decide(run: OpenRun, event: Event, path: string): ActionSpec | null | Error
  /** Whoever performs the step elsewhere is to stop. */
  abortElsewhere(step: StepRef, reason: string): void
  /**
   * After `handOver`: how a step ended, for the engine that is in charge now; `null` when it is to be done
   * again.
   */
  readonly passOn: (step: StepRef, outcome: Outcome | null) => void
  /** The run has ended; the end is in the draft. The event of a dead one may be gone from the history. */
  ended(run: OpenRun, event: Event | undefined): void
  /** Tells `clockSet` before it returns if the wall clock has been set. Absent where nobody sets it. */
  readonly lookAtClock?: () => void
  /** 0 ≤ random < 1, for the jitter of retries. */
  readonly random: () => number
}

export class Work {
  readonly #ports: WorkPorts
  readonly #runs = new OpenRuns()
  readonly #places: Places
  readonly #wakes: StepWakes
  #whenQuiet: (() => void)[] = []
  #flushing: Promise<void> | undefined
  #nextFlush: Promise<void> | undefined
  #isClosed = false
  #isHandedOver = false
  /** Bytes of the steps that were decided for the commit at hand. */
  #decidedBytes = 0

  constructor(ports: WorkPorts, limits: WorkLimits) {
    this.#ports = ports
    this.#places = new Places(limits)
    this.#wakes = new StepWakes(ports.clock, () => this.#wakeUp())
  }

  get openRuns(): number {
    return this.#runs.size
  }

  /** Steps that wait for their turn. */
  get backlog(): number {
    return this.#places.waiting
  }

  /** What open runs take in memory, in bytes. */
  get weight(): number {
    return this.#runs.weight
  }

  get stepsUnderWay(): number {
    return this.#places.taken
  }

  /** Open runs of a rule and key, oldest first. */
  runsIn(rule: string, key: string): readonly number[] {
    return this.#runs.idsIn(rule, key)
  }

  /**
   * Takes a run that the draft holds or the store knows; `flush` begins it. A step that is running there is
   * performed by somebody else, or was: it goes on when `stepEnded` is called for it.
   */
  add({ run, steps, event, width }: Plan): void {
    const entry = this.#runs.add(new OpenRun(run, steps, this.#ports.draft), event, width)
    for (const step of steps) {
      const { path, wakeAt, state, spec } = step
      const ref = { run: run.id, path }
      if (state === 'waiting') this.#wakes.set(ref, wakeAt ?? 0)
      if (state === 'running' && spec?.kind !== 'parallel') {
        const { signal } = this.#places.take(lineOf(run.rule, spec), ref, spec?.kind ?? null, true)
        signal.addEventListener('abort', () =>
          this.#ports.abortElsewhere(ref, (signal.reason as Error).message),
        )
      }
    }
    this.#advance(entry)
  }

  /** The run is open. */
  has(run: number): boolean {
    return this.#runs.get(run) !== undefined
  }

  /** Takes a dead run once more; `flush` begins it. */
  retry(plan: Plan): void {
    const dead = new OpenRun(plan.run, plan.steps, this.#ports.draft)
    dead.retry()
    this.add({ ...plan, run: dead.run, steps: dead.steps })
  }

  /** Ends a dead run for good, so that nobody waits for its retry; `flush` commits it. */
  discard({ run, steps, event }: DeadRun, reason: string): void {
    const dead = new OpenRun(run, steps, this.#ports.draft)
    dead.discard(reason, this.#ports.clock.now())
    this.#ports.ended(dead, event)
  }

  /** How a step ended that was performed elsewhere; `null` when it is to be done again. */
  async stepEnded(ref: StepRef, outcome: Outcome | null): Promise<void> {
    const entry = this.#runs.get(ref.run)
    if (entry && this.#places.has(ref)) await this.#end(entry.open.run, ref.path, outcome)
  }

  /** Begins no more steps. Passes on the outcomes of those under way, which it returns. */
  handOver(): readonly StepRef[] {
    this.#isHandedOver = true
    this.#isClosed = true
    this.#wakes.stop()
    this.#places.leaveElsewhere()
    return this.#places.holders()
  }

  /** Stops one step that is passed on. */
  abort(ref: StepRef, reason: string): void {
    this.#places.abort(ref, reason)
  }

  /** Ends a run before its time; the reason is the end of a sentence. */
  cancel(id: number, reason: string): void {
    const entry = this.#runs.get(id)
    if (entry === undefined) return
    entry.open.cancel(reason, this.#ports.clock.now())
    for (const { path } of entry.open.steps) {
      this.#wakes.set({ run: id, path }, null)
      this.abort({ run: id, path }, reason)
    }
    this.#close(entry)
  }

  /** The wall clock has been set: waits and retries keep their length. */
  clockSet(byMs: number, earlier?: Earlier): void {
    this.#wakes.clockSet(this.#runs.all(), byMs, earlier)
    void this.flush()
  }

  /** Commits what the draft holds together with the claims of what can begin now, and begins it. */
  flush(): Promise<void> {
    if (this.#flushing === undefined) return this.#flushNow()
    // What gathers while one commit is under way is the next.
    return (this.#nextFlush ??= this.#flushing.then(() => {
      this.#nextFlush = undefined
      return this.#flushNow()
    }))
  }

  #flushNow(): Promise<void> {
    const claims = this.#isClosed ? [] : this.#claim()
    if (this.#isHandedOver || !this.#ports.draft.hasDecisions) return Promise.resolve()
    return (this.#flushing = this.#commitAndBegin(claims))
  }

  async #commitAndBegin(claims: readonly Claim[]): Promise<void> {
    const isCutShort = this.#decidedBytes > HEAVIEST_COMMIT
    await this.#ports.commit()
    this.#flushing = undefined
    if (isCutShort) void this.flush()
    for (const claim of claims) void this.#attempt(claim)
  }

  /**
   * Begins no more. Resolves when nothing is under way: what takes longer than `patienceMs` is aborted, and
   * done again later.
   */
  async close(patienceMs: number): Promise<void> {
    this.#isClosed = true
    this.#wakes.stop()
    if (this.#places.taken === 0) return
    const quiet = new Promise<void>((resolve) => this.#whenQuiet.push(resolve))
    const cancel = this.#ports.clock.after(patienceMs, () => this.#places.abortAll('the hub is stopping'))
    await quiet
    cancel()
  }

  #claim(): Claim[] {
    const claims: Claim[] = []
    this.#decidedBytes = 0
    while (this.#decidedBytes <= HEAVIEST_COMMIT) {
      const next = this.#places.next()
      if (next === undefined) break
      const entry = this.#runs.get(next.run)
      const claim = entry?.queued.delete(next.path) ? this.#claimStep(entry, next.path) : undefined
      if (claim) claims.push(claim)
    }
    return claims
  }

  /** Returns nothing when the engine does the step by itself. */
  #claimStep(entry: Entry, path: string): Claim | undefined {
    const { open, event } = entry
    const now = this.#ports.clock.now()
    const known = open.step(path).spec
    const spec = known ?? this.#decide(entry, path)
    if (spec === null) open.skip(path, now)
    else if (spec instanceof Error) {
      open.begin(path, null, now)
      open.end(path, 'dead', { kind: 'give-up', reason: spec.message }, now)
    } else {
      open.begin(path, spec, now)
      if (spec.kind === 'wait') {
        this.#pause(entry, path, now + spec.lengthMs)
        return undefined
      }
      if (spec.kind !== 'parallel') {
        const ending = this.#places.take(
          lineOf(open.run.rule, known),
          { run: open.run.id, path },
          known?.kind ?? null,
        )
        const started = (process: ProcessIdentity): void => this.#performedBy(entry, path, process)
        return { run: open, event, path, spec, attempt: open.step(path).attempt, ending, started }
      }
    }
    this.#advance(entry)
    return undefined
  }

  /** Has a function of earlier results called. What it returns is held as long as the run is open. */
  #decide(entry: Entry, path: string): ActionSpec | null | Error {
    const { open, event } = entry
    const decided = this.#ports.decide(open, event, path)
    if (decided === null || decided instanceof Error) return decided
    const bytes = weightOf(decided)
    if (bytes > LIGHT_DECISION && this.#runs.weight + bytes > HEAVIEST_WITH_DECIDED)
      return new Error(
        `a function of earlier results of rule "${open.run.rule}" returned an action that takes ` +
          `${formatSize(bytes)}, and open runs leave no memory for it`,
      )
    this.#runs.grow(entry, bytes)
    this.#decidedBytes += bytes
    return decided
  }

  async #attempt(claim: Claim): Promise<void> {
    killPoint('step-start')
    // While the claim was being committed its run was cancelled, or the patience with it was over.
    const outcome = claim.ending.signal.aborted ? null : await this.#ports.perform(claim)
    killPoint('step-end')
    await this.#end(claim.run.run, claim.path, outcome)
  }

  async #end({ id }: Run, path: string, outcome: Outcome | null): Promise<void> {
    const { clock, random, passOn } = this.#ports
    const ref = { run: id, path }
    const wasAborted = this.#places.leave(ref)
    const entry = this.#runs.get(id)
    const isToBeDoneAgain = outcome === null || (this.#isClosed && wasAborted)
    if (this.#isHandedOver) passOn(ref, isToBeDoneAgain ? null : outcome)
    else if (entry) {
      if (isToBeDoneAgain) cutOff(entry.open, path, clock.now(), random())
      else applyOutcome(entry.open, path, outcome, clock.now(), random())
      const { state, wakeAt } = entry.open.step(path)
      if (state === 'waiting') this.#wakes.set(ref, wakeAt)
      this.#advance(entry)
    }
    await this.flush()
    killPoint('outcome')
    if (this.#places.taken === 0) for (const tell of this.#whenQuiet.splice(0)) tell()
  }

  #wakeUp(): void {
    if (this.#isClosed) return
    this.#ports.lookAtClock?.()
    for (const { run, path } of this.#wakes.takeDue()) {
      const entry = this.#runs.get(run)
      if (entry === undefined) continue
      if (entry.open.step(path).spec?.kind === 'wait') {
        entry.open.endWait(path, this.#ports.clock.now())
        this.#advance(entry)
      } else this.#enqueue(entry, path)
    }
    void this.flush()
  }

  /** Queues what can be performed now, and closes the run when there is nothing left. */
  #advance(entry: Entry): void {
    if (!this.#runs.isItsTurn(entry)) return
    const { open } = entry
    for (const path of open.advance(this.#ports.clock.now())) this.#enqueue(entry, path)
    if (open.hasEnded) this.#close(entry)
  }

  #enqueue({ open, queued }: Entry, path: string): void {
    if (queued.has(path)) return
    queued.add(path)
    const { spec } = open.step(path)
    this.#places.wait(lineOf(open.run.rule, spec), { run: open.run.id, path }, spec?.kind ?? null)
  }

  #close(entry: Entry): void {
    this.#runs.remove(entry)
    this.#ports.ended(entry.open, entry.event)
    for (const next of this.#runs.behind(entry)) if (this.has(next.open.run.id)) this.#advance(next)
  }

  #pause({ open }: Entry, path: string, wakeAt: number): void {
    open.pause(path, wakeAt, null)
    this.#wakes.set({ run: open.run.id, path }, wakeAt)
  }

  #performedBy({ open }: Entry, path: string, process: ProcessIdentity): void {
    if (open.step(path).state !== 'running') return
    open.performedBy(path, process)
    void this.flush()
  }
}

/** Who takes turns: a rule, or each channel by itself, so that one which does not answer delays no other. */
const lineOf = (rule: string, spec: ActionSpec | null): string =>
  spec?.kind === 'notify' ? `${rule} ${spec.channel}` : rule
