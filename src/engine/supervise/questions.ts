// Questions to the engine in charge. The engine may hang, until its watchdog ends it; so no more than a few
// questions wait.

import type { Clock } from '../../base/clock.ts'
import type { EngineAtWork } from '../../model/hub-status.ts'
import type { RuleView } from '../../model/rule-view.ts'
import type { RerunAnswer, RerunOrder, RunAnswer, RunChange } from '../../model/run.ts'
import type { WatchedProcesses } from '../../model/watch.ts'
import { pause } from '../../base/pause.ts'
import type { SpawnedEngine } from '../contain/spawn.ts'

type Remote = SpawnedEngine['remote']

/** The time within which an engine answers what its state is. */
const ANSWER_MS = 2_000
/** The most requests of operators that wait for an answer. */
const MOST_WAITING = 32

export class Questions {
  readonly #clock: Clock
  readonly #inCharge: () => Remote | undefined
  #status: Promise<EngineAtWork | null> | undefined
  #waiting = 0

  constructor(clock: Clock, inCharge: () => Remote | undefined) {
    this.#clock = clock
    this.#inCharge = inCharge
  }

  /**
   * `null` when there is no engine, or it does not answer. One question serves all who ask until it is
   * answered.
   */
  status(): Promise<EngineAtWork | null> {
    this.#status ??= this.#askStatus().finally(() => (this.#status = undefined))
    return this.#status
  }

  #askStatus(): Promise<EngineAtWork | null> {
    return this.#ask((engine) => engine.status())
  }

  /** `null` when there is no engine, or it does not answer. */
  processes(): Promise<WatchedProcesses | null> {
    return this.#ask((engine) => engine.processes())
  }

  /** `null` when there is no engine, or it does not answer. */
  rules(): Promise<readonly RuleView[] | null> {
    return this.#ask((engine) => engine.rules())
  }

  async #ask<T>(question: (engine: Remote) => Promise<T | null>): Promise<T | null> {
    const engine = this.#inCharge()
    if (engine === undefined) return null
    const over = new AbortController()
    const answer = await Promise.race([
      question(engine).catch(() => null),
      pause(this.#clock, ANSWER_MS, over.signal),
    ])
    over.abort()
    return answer ?? null
  }

  changeRun(id: number, change: RunChange): Promise<RunAnswer> {
    return this.#order((engine) => engine.changeRun(id, change))
  }

  rerun(id: number, order: RerunOrder): Promise<RerunAnswer> {
    return this.#order((engine) => engine.rerun(id, order))
  }

  async #order<T>(give: (engine: Remote) => Promise<T>): Promise<T | Refused> {
    const engine = this.#inCharge()
    if (engine === undefined) return no('The engine is just being replaced; try again in a moment.')
    if (this.#waiting === MOST_WAITING)
      return no(`The engine has yet to answer ${MOST_WAITING} requests; try again in a moment.`)
    this.#waiting++
    try {
      return await give(engine)
    } catch {
      return no('The engine ended before it had answered; see how the run is, and try again.')
    } finally {
      this.#waiting--
    }
  }
}

interface Refused {
  readonly ok: false
  readonly reason: string
}

const no = (reason: string): Refused => ({ ok: false, reason })
