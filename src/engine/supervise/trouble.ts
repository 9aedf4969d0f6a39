// Why no rule is at work, as a sentence, for the condition `engine` of the hub's health and for the alert
// that says so: engines end again and again, the engine does not answer, or none has come up.

import type { Clock } from '../../base/clock.ts'

/** When the next engine has lived for this long, the trouble of engines that ended is over. */
const STEADY_MS = 10_000
const KEPT = 'Events are kept; rules are asked about them as soon as an engine gets on.'

export interface TroublePorts {
  readonly clock: Clock
  /** Takes the sentence, or `null` when there is no trouble. */
  readonly tell: (sentence: string | null) => void
  /** Whether the rules cannot be read: that is another trouble, and the engine is not to blame. */
  readonly isAwaitingRules: () => boolean
  /** Whether an engine does not answer. */
  readonly isSilent: () => boolean
}

export class Trouble {
  readonly #ports: TroublePorts
  /** Says how engines end again and again, as the end of a sentence. */
  #struggle: string | null = null
  /** Says how the last engine ended, until another one is in charge. */
  #death: string | null = null
  #hasComeUp = false
  #isOver = false

  constructor(ports: TroublePorts) {
    this.#ports = ports
  }

  /** The sentence; `null` while rules run, or are about to. */
  get sentence(): string | null {
    if (this.#isOver || this.#ports.isAwaitingRules()) return null
    if (this.#struggle !== null) return `The engine ${this.#struggle}, as engines before it ended. ${KEPT}`
    if (!this.#hasComeUp) return `No engine has come up yet. ${KEPT}`
    return this.#ports.isSilent() ? `The engine does not answer. ${KEPT}` : null
  }

  /** Says that no engine is in charge, and how the last one ended; `null` once another one is in charge. */
  get death(): string | null {
    return this.#death === null ? null : `No engine is at work: the last one ${this.#death}.`
  }

  /** Reports the sentence as it is now. */
  tell(): void {
    if (!this.#isOver) this.#ports.tell(this.sentence)
  }

  /**
   * Called when an engine has ended.
   * @param reason the end of a sentence
   * @param isStruggle whether engines before it ended, too, and nobody knows why
   */
  died(reason: string, isStruggle: boolean): void {
    this.#death = reason
    if (isStruggle) this.#struggle = reason
    this.tell()
  }

  /**
   * Called when an engine is in charge.
   * @param isStill tells whether it still is
   */
  cameUp(isStill: () => boolean): void {
    this.#hasComeUp = true
    this.#death = null
    this.#ports.clock.after(this.#struggle === null ? 0 : STEADY_MS, () => {
      if (!isStill()) return
      this.#struggle = null
      this.tell()
    })
  }

  /** Called when the hub stops: nothing counts as trouble any more. */
  end(): void {
    this.#isOver = true
  }
}
