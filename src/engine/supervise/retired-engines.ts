// Engines that were replaced and still perform something. Each has its time to end that; outcomes are passed
// on to the engine in charge, and so is what could not be ended, to be done again.

import type { Clock } from '../../base/clock.ts'
import type { Outcome } from '../../model/outcome.ts'
import { pause } from './pause.ts'
import type { SpawnedEngine } from '../contain/spawn.ts'
import { stepId } from '../../model/run.ts'
import type { StepRef } from '../../model/run.ts'

/**
 * How long an engine that has lost patience may take to end what it performs and to write that down. On a
 * full disk it never can.
 */
const LAST_WORDS_MS = 15_000

/**
 * An engine that is asked to end, and has said nothing for so long, is frozen: more than its warden lets code
 * of the user run.
 */
const FROZEN_MS = 8_000

export interface RetiredEnginePorts {
  readonly clock: Clock
  /** Tells the engine in charge how a step ended; `null` when it is to be done again. Never rejects. */
  readonly passOn: (step: StepRef, outcome: Outcome | null) => Promise<void>
}

export class RetiredEngines {
  readonly #ports: RetiredEnginePorts
  readonly #performing = new Map<SpawnedEngine, Map<string, StepRef>>()
  /** Ended, but the engine in charge has not been told. */
  readonly #untold = new Map<string, StepRef>()

  constructor(ports: RetiredEnginePorts) {
    this.#ports = ports
  }

  /** What an engine that takes charge must leave alone: word of it will come. */
  get steps(): readonly StepRef[] {
    return [...this.#performing.values(), this.#untold].flatMap((steps) => [...steps.values()])
  }

  /** Resolves when the engine is gone: what takes longer than `patienceMs` is aborted. */
  async add(engine: SpawnedEngine, performing: readonly StepRef[], patienceMs: number): Promise<void> {
    // One that has just ended may have been told before this list.
    const left = performing.filter((step) => !this.#untold.has(stepId(step)))
    this.#performing.set(engine, new Map(left.map((step) => [stepId(step), step])))
    await this.#end(engine, patienceMs)
  }

  /** One of them has ended a step. */
  settled(engine: SpawnedEngine, step: StepRef, outcome: Outcome | null): void {
    this.#performing.get(engine)?.delete(stepId(step))
    this.#passOn(step, outcome)
  }

  abort(step: StepRef, reason: string): void {
    for (const engine of this.#performing.keys()) void engine.remote.abort(step, reason).catch(() => {})
  }

  /** Resolves when none is left. */
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

/** Asks the engine to end in order, and ends it when it takes too long, or gives no answer at all. */
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
