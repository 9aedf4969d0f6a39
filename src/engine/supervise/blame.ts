// Who is to blame when an engine ends, and what its successor is begun with because of that. Code of the user
// that took an engine down is quarantined at once. An event or a run with which two engines ended, while no
// code of the user ran, is set aside: a third one is not to end in the same way. After an end that nobody can
// explain the next engine begins later each time, and notes where it is as it goes.

import type { Ending } from '../contain/ending.ts'
import type { UserUnit, WorkItem } from '../../model/suspect.ts'
import type { ThreadData } from '../protocol.ts'

/** The pause after an engine died for no known reason; it doubles each time. */
const SHORTEST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 30_000
/** The number of engines that may end with the same event or run at hand. */
const MOST_DEATHS = 2

/** The data with which an engine begins because of others that have ended. */
export type Circumstances = Pick<ThreadData, 'quarantined' | 'setAside' | 'deathsOutsideRules' | 'careful'>

/** Of an engine whose rules nobody suspects. */
export const NOBODY_SUSPECTED: Circumstances = {
  quarantined: [],
  setAside: [],
  deathsOutsideRules: 0,
  careful: false,
}

/** The conclusions from the end of an engine. */
export interface Judgement {
  /** User code that is quarantined from now on. */
  readonly unit: UserUnit | null
  /** An event or a run that is set aside from now on. */
  readonly item: WorkItem | null
  /** The pause before another engine begins. */
  readonly pauseMs: number
}

export class Blame {
  #quarantined: readonly UserUnit[] = []
  #setAside: readonly WorkItem[] = []
  readonly #suspects = new Map<string, number>()
  #careful = false
  #unexplained = 0
  #outsideRules = 0

  /** User code that is quarantined at present. */
  get quarantined(): readonly UserUnit[] {
    return this.#quarantined
  }

  /** User code that is quarantined, and events and runs that are set aside. */
  get aside(): readonly (UserUnit | WorkItem)[] {
    return [...this.#quarantined, ...this.#setAside]
  }

  /** The number of engines that died in a row for no known reason. */
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

  judge({ how, unit, item }: Ending): Judgement {
    this.#outsideRules = unit === null && item === null && how !== 'crashed' ? this.#outsideRules + 1 : 0
    if (unit !== null) {
      this.#quarantined = [...this.#quarantined, unit]
      this.#unexplained = 0
      return { unit, item: null, pauseMs: 0 }
    }
    this.#careful = true
    if (item !== null && this.#deathsWith(item) >= MOST_DEATHS) {
      this.#setAside = [...this.#setAside, item]
      this.#unexplained = 0
      return { unit: null, item, pauseMs: 0 }
    }
    const pauseMs = Math.min(SHORTEST_PAUSE_MS * 2 ** this.#unexplained++, LONGEST_PAUSE_MS)
    return { unit: null, item: null, pauseMs }
  }

  /** Begins a new count: the engine that has ended had been in charge for long. */
  forget(): void {
    this.#unexplained = this.#outsideRules = 0
    this.#careful = false
    this.#suspects.clear()
  }

  /**
   * Called when an engine with newer rules has ended before it was in charge: that is logged, and the old
   * rules stay in force.
   */
  suspect({ unit }: Ending): void {
    this.#careful ||= unit === null
  }

  /** The rules were loaded anew: what was quarantined or set aside gets another chance. */
  acquit(): void {
    this.#quarantined = []
    this.#setAside = []
    this.#careful = this.#unexplained > 0
  }

  #deathsWith({ kind, id }: WorkItem): number {
    const suspect = `${kind} ${id}`
    const deaths = (this.#suspects.get(suspect) ?? 0) + 1
    this.#suspects.set(suspect, deaths)
    return deaths
  }
}
