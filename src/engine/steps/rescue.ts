// Takes up the runs that an engine before this one has left open. A waiting step waits for the rest of its
// time. A step that was being performed is performed again, once the processes that it had started are gone.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { endStep } from '../../actions/leftover.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { pause } from '../../base/pause.ts'
import type { Event } from '../../model/event.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Step } from '../../model/run.ts'
import type { EngineReads } from '../../model/store.ts'
import type { WorkItem } from '../../model/suspect.ts'
import { HEAVIEST_RUNS } from '../runs/open-runs.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { widthOf } from '../../rules/evaluate/mode.ts'
import type { Draft } from '../runs/draft.ts'
import { fromHead, heldEvent } from '../runs/light-event.ts'
import { OpenRun } from '../runs/open-run.ts'
import { stepId } from '../../model/run.ts'
import type { StepRef } from '../../model/run.ts'
import type { Work } from './work.ts'

const LOOK_MS = 50
/** The longest stretch of work: the engine answers and acts between two stretches. */
const STRETCH_MS = 100
/** The time between SIGTERM and SIGKILL for a command that outlived its hub. */
const GRACE_MS = 5_000

export interface RescuePorts {
  readonly reads: Pick<EngineReads, 'openRunIds' | 'run' | 'runHead' | 'event' | 'eventHead'>
  readonly rules: RuleSet
  readonly work: Pick<Work, 'add' | 'stepEnded' | 'flush' | 'weight'>
  /** Called with a run that cannot go on. Its end is announced like all that came before this start. */
  readonly draft: Draft
  readonly clock: Clock
  readonly log: Log
  /**
   * Notes the run that is being read; `null` for none. It is a sign of life, too: a hundred thousand runs
   * take seconds.
   */
  readonly turnTo: (item: WorkItem | null) => void
  /** Steps that a replaced engine still performs. */
  readonly elsewhere: readonly StepRef[]
  /** Runs that are set aside, because engines ended while they read them. */
  readonly setAside: ReadonlySet<number>
  /**
   * The number of engines before this one that died in a row while no rule ran: a step that they performed
   * may be the reason.
   */
  readonly deathsOutsideRules: number
}

export class Rescue {
  readonly #ports: RescuePorts
  /** Numbers of the runs that are still to be taken up, oldest first. */
  readonly #left: number[]
  readonly #performed: ReadonlySet<string>
  readonly #endings: Promise<void>[] = []
  #interrupted = 0

  constructor(ports: RescuePorts) {
    this.#ports = ports
    this.#left = [...ports.reads.openRunIds()]
    this.#performed = new Set(ports.elsewhere.map(stepId))
  }

  /** Whether runs are left that have not been taken up, because the runs before them take too much memory. */
  get isUnderWay(): boolean {
    return this.#left.length > 0
  }

  /** Stops taking up runs: another engine does. */
  stop(): void {
    this.#left.length = 0
  }

  /**
   * Resolves when all runs are taken up, and the commands that were left behind have ended or cannot be
   * ended.
   */
  async run(): Promise<void> {
    const { clock, log, work } = this.#ports
    while (!this.#takeUp()) {
      if (work.weight <= HEAVIEST_RUNS) await nextTurn()
      else {
        void work.flush()
        await pause(clock, LOOK_MS)
      }
    }
    if (this.#interrupted > 0)
      log.warn(
        this.#interrupted === 1
          ? 'A step was under way when the engine ended; it is performed again.'
          : `${this.#interrupted} steps were under way when the engine ended; they are performed again.`,
      )
    await Promise.all(this.#endings)
  }

  /**
   * Takes up the runs for which there is memory, one at least, until the stretch is over. Returns whether
   * none is left.
   */
  #takeUp(): boolean {
    const { work, turnTo } = this.#ports
    const end = performance.now() + STRETCH_MS
    for (let id = this.#left[0]; id !== undefined; id = this.#left[0]) {
      if (work.weight > HEAVIEST_RUNS || performance.now() > end) return false
      this.#left.shift()
      turnTo({ kind: 'run', id })
      this.#take(id)
    }
    turnTo(null)
    return true
  }

  #take(id: number): void {
    const { reads, rules, work, setAside } = this.#ports
    if (setAside.has(id)) return this.#fail(id, 'engines ended as they read it')
    const { run, steps } = reads.run(id)!
    const interrupted = steps.filter((step) => this.#isInterrupted(step))
    const head = reads.eventHead(run.event)
    if (head === undefined) {
      this.#fail(id, `its event ${run.event} is no longer in the history`, steps)
      for (const step of interrupted) this.#endings.push(endLeftovers(step, null, this.#ports))
      return
    }
    const event =
      run.details?.input === undefined
        ? fromHead(head, reads)
        : heldEvent(run, reads.event(run.event)!, reads)
    work.add({ run, steps, event, width: widthOf(rules.rule(run.rule)) })
    this.#interrupted += interrupted.length
    for (const step of interrupted) this.#endings.push(giveBack(step, event, this.#ports))
  }

  #isInterrupted(step: Step): boolean {
    return step.state === 'running' && step.spec?.kind !== 'parallel' && !this.#performed.has(stepId(step))
  }

  /** @param steps those of the run, where they can be read */
  #fail(id: number, reason: string, steps?: readonly Step[]): void {
    const { reads, draft, clock, log } = this.#ports
    const run = reads.runHead(id)!
    new OpenRun(run, steps ?? [], draft).fail(reason, clock.now())
    // The end is not announced: the message would be made of the run's steps.
    if (steps === undefined) draft.announced(id)
    log.error({ run: id }, `Run ${id} of rule "${run.rule}" is dead: it cannot go on, since ${reason}.`)
  }
}

async function giveBack(step: Step, event: Event, ports: RescuePorts): Promise<void> {
  const { work, deathsOutsideRules } = ports
  await endLeftovers(step, event, ports)
  await work.stepEnded(step, isSuspect(step, deathsOutsideRules) ? ENGINE_DIED : null)
}

/** A call is code of the user, behind its first `await` nobody knows whose. A command runs elsewhere. */
function isSuspect({ spec }: Step, deathsOutsideRules: number): boolean {
  if (spec?.kind === 'call') return deathsOutsideRules > 0
  return spec?.kind !== 'shell' && deathsOutsideRules > 1
}

async function endLeftovers(step: Step, event: Event | null, { clock, log }: RescuePorts): Promise<void> {
  if (step.spec?.kind !== 'shell') return
  const name = event && { run: step.run, step: step.path, event }
  for (const { pid, how, why } of await endStep(name, step.process ?? null, { graceMs: GRACE_MS, clock }))
    if (how === 'survived' || how === 'spared')
      log.warn(`Process ${pid} of run ${step.run} has outlived the hub, and goes on: ${why}.`)
    else if (how !== 'gone')
      log.warn(`Process ${pid} of run ${step.run} had outlived the hub; it was ended (${how}).`)
}

/** Counts as an attempt, so that a step which takes the engine down does not do so for ever. */
const ENGINE_DIED: Outcome = { kind: 'retry', reason: 'the engine died while it was performed' }
