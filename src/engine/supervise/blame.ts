// Who is to blame when an engine ends, and what its successor is begun with because of that. Code of the user
// that took an engine down is quarantined at once. An event or a run with which two engines ended, while no
// code of the user ran, is set aside: a third one is not to end in the same way. After an end that nobody can
// explain the next engine begins later each time, and notes where it is as it goes.

import type { Ending } from '../contain/ending.ts'
import type { Task, UserUnit } from '../../model/suspect.ts'
import type { ThreadData } from '../protocol.ts'

/** After an engine died for no known reason; doubled each time. */
const SHORTEST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 30_000
/** Engines that may end with one event or run at hand. */
const MOST_DEATHS = 2

/** What an engine is begun with because others have ended. */
export type Circumstances = Pick<ThreadData, 'quarantined' | 'setAside' | 'deathsOutsideRules' | 'careful'>

/** What follows from the end of an engine. */
export interface Judgement {
  /** Quarantined from now on. */
  readonly unit: UserUnit | null
  /** Set aside from now on. */
  readonly task: Task | null
  /** Before another engine is begun. */
  readonly pauseMs: number
}

export class Blame {
  #quarantined: readonly UserUnit[] = []
  #setAside: readonly Task[] = []
  readonly #suspects = new Map<string, number>()
  #careful = false
  #unexplained = 0
  #outsideRules = 0

  /** Code that takes no part for now. */
  get quarantined(): readonly UserUnit[] {
    return this.#quarantined
  }

  /** All that is put aside for now. */
  get aside(): readonly (UserUnit | Task)[] {
    return [...this.#quarantined, ...this.#setAside]
  }

  /** Engines that died in a row, and nobody knows why. */
  get unexplained(): number {
    return this.#unexplained
  }

  get circumstances(): Circumstances {
    return {
      quarantined: this.#quarantined,
      setAside: this.#setAside,
      deathsOutsideRules: this.#outsideRules,
      careful: this.#careful,
    }
  }

  judge({ how, unit, task }: Ending): Judgement {
    this.#outsideRules = unit === null && task === null && how !== 'crashed' ? this.#outsideRules + 1 : 0
    if (unit !== null) {
      this.#quarantined = [...this.#quarantined, unit]
      this.#unexplained = 0
      return { unit, task: null, pauseMs: 0 }
    }
    this.#careful = true
    if (task !== null && this.#deathsWith(task) >= MOST_DEATHS) {
      this.#setAside = [...this.#setAside, task]
      this.#unexplained = 0
      return { unit: null, task, pauseMs: 0 }
    }
    const pauseMs = Math.min(SHORTEST_PAUSE_MS * 2 ** this.#unexplained++, LONGEST_PAUSE_MS)
    return { unit: null, task: null, pauseMs }
  }

  /** The engine that has ended had been at work for long: what follows is a new count. */
  forget(): void {
    this.#unexplained = this.#outsideRules = 0
    this.#careful = false
    this.#suspects.clear()
  }

  /**
   * An engine with newer rules has ended before it was in charge: that is told, and the old rules stay in
   * force.
   */
  suspect({ unit }: Ending): void {
    this.#careful ||= unit === null
  }

  /** The rules were loaded anew: their code gets another chance. */
  acquit(): void {
    this.#quarantined = []
    this.#setAside = []
    this.#careful = this.#unexplained > 0
  }

  #deathsWith({ kind, id }: Task): number {
    const suspect = `${kind} ${id}`
    const deaths = (this.#suspects.get(suspect) ?? 0) + 1
    this.#suspects.set(suspect, deaths)
    return deaths
  }
}
