// Engines that were replaced and still perform steps. Each has its time to end them. Their outcomes are
// passed on to the engine in charge, and so are the steps that could not be ended, which it performs again.

import type { Clock } from '../../base/clock.ts'
import type { Outcome } from '../../model/outcome.ts'
import { pause } from './pause.ts'
import type { SpawnedEngine } from '../contain/spawn.ts'
import { stepId } from '../../model/run.ts'
import type { StepRef } from '../../model/run.ts'

/**
 * The time that an engine has, once its patience is over, to abort its steps and commit that. On a full disk
 * it never can.
 */
const LAST_WORDS_MS = 15_000

/**
 * An engine that was asked to end and has not answered for this long is frozen. The time is longer than its
 * warden lets user code run.
 */
const FROZEN_MS = 8_000

export interface RetiredEnginePorts {
  readonly clock: Clock
  /**
   * Tells the engine in charge how a step ended; `null` when the step is to be performed again. Never
   * rejects.
   */
  readonly passOn: (step: StepRef, outcome: Outcome | null) => Promise<void>
}

export class RetiredEngines {
  readonly #ports: RetiredEnginePorts
  readonly #performing = new Map<SpawnedEngine, Map<string, StepRef>>()
  /** Steps that have ended, and of which the engine in charge has not been told. */
  readonly #untold = new Map<string, StepRef>()

  constructor(ports: RetiredEnginePorts) {
    this.#ports = ports
  }

  /** The steps that a new engine must leave alone, because their outcomes will still come. */
  get steps(): readonly StepRef[] {
    return [...this.#performing.values(), this.#untold].flatMap((steps) => [...steps.values()])
  }

  /** Resolves when the engine is gone. Steps that take longer than `patienceMs` are aborted. */
  async add(engine: SpawnedEngine, performing: readonly StepRef[], patienceMs: number): Promise<void> {
    // A step that has just ended may have been reported before this list came.
    const left = performing.filter((step) => !this.#untold.has(stepId(step)))
    this.#performing.set(engine, new Map(left.map((step) => [stepId(step), step])))
    await this.#end(engine, patienceMs)
  }

  /** Called when one of these engines has ended a step. */
  settled(engine: SpawnedEngine, step: StepRef, outcome: Outcome | null): void {
    this.#performing.get(engine)?.delete(stepId(step))
    this.#passOn(step, outcome)
  }

  abort(step: StepRef, reason: string): void {
    for (const engine of this.#performing.keys()) void engine.remote.abort(step, reason).catch(() => {})
  }

  /** Resolves when no engine is left. */
  async endAll(patienceMs: number): Promise<void> {
    await Promise.all([...this.#performing.keys()].map((engine) => this.#end(engine, patienceMs)))
  }

  async #end(engine: SpawnedEngine, patienceMs: number): Promise<void> {
    await endEngine(engine, patienceMs, this.#ports.clock)
    const lost = this.#performing.get(engine)?.values() ?? []
    this.#performing.delete(engine)
    for (const step of lost) this.#passOn(step, null)
  }

  #passOn(step: StepRef, outcome: Outcome | null): void {
    this.#untold.set(stepId(step), step)
    void this.#ports.passOn(step, outcome).then(() => this.#untold.delete(stepId(step)))
  }
}

/** Asks the engine to end in order, and kills it when it takes too long or does not answer. */
export async function endEngine(engine: SpawnedEngine, patienceMs: number, clock: Clock): Promise<void> {
  const over = new AbortController()
  await Promise.race([
    engine.remote.stop(patienceMs).catch(() => {}),
    engine.ended,
    pause(clock, patienceMs + LAST_WORDS_MS, over.signal),
    isFrozen(engine, clock, over.signal),
  ])
  over.abort()
  await engine.terminate()
}

/** Resolves when the engine does not answer; never when it does. */
async function isFrozen(engine: SpawnedEngine, clock: Clock, signal: AbortSignal): Promise<void> {
  const answers = engine.remote.status().then(
    () => true,
    () => true,
  )
  const isLate = pause(clock, FROZEN_MS, signal).then(() => false)
  if (await Promise.race([answers, isLate])) await new Promise(() => {})
}
