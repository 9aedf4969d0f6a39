// Engines that were replaced and still perform steps. Each has its time to end them. Their outcomes are
// passed on to the engine in charge, and so are the steps that could not be ended, which it performs again.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { Outcome } from '../../model/outcome.ts'
import { before } from './before.ts'
import { pause } from '../../base/pause.ts'
import type { SpawnedEngine } from '../contain/spawn.ts'
import { stepId } from '../../model/run.ts'
import type { StepRef } from '../../model/run.ts'

/** An engine that has not handed over by then is ended: new rules wait no longer. */
const LONGEST_HAND_OVER_MS = 60_000
/** The time that a replaced engine has for the steps that it performs. */
const HAND_OVER_MS = 300_000

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
  readonly log: Log
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

  /**
   * Replaces an engine. Resolves when it plans nothing any more, and its steps under way are known. The
   * engine itself goes on until they have ended.
   * @param signal aborted when the engine is not waited for any longer
   */
  async retire(engine: SpawnedEngine, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports
    const cancel = clock.after(LONGEST_HAND_OVER_MS, () => {
      log.warn(
        `The engine before has not handed over within ${formatDuration(LONGEST_HAND_OVER_MS)} and is ` +
          'ended; what it was performing is done again.',
      )
      void engine.terminate()
    })
    const performing = await before(clock, signal, () =>
      Promise.race([engine.remote.handOver(), engine.ended.then((): readonly StepRef[] => [])]),
    ).catch(() => [])
    cancel()
    // A step that has just ended may have been reported before this list came.
    const left = performing.filter((step) => !this.#untold.has(stepId(step)))
    this.#performing.set(engine, new Map(left.map((step) => [stepId(step), step])))
    void this.#end(engine, HAND_OVER_MS)
  }

  /** Called when one of these engines has ended a step. */
  ended(engine: SpawnedEngine, step: StepRef, outcome: Outcome | null): void {
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
