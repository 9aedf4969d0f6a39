// The order in which the rules are asked, whatever drives it: events as the journal has them; before each of them the wakes that
// fall due up to its moment, in order of time; and the time in which nobody watched where it belongs, after the events before it
// and before those since.

import type { Event } from '../model/event.ts'
import type { Downtime } from '../model/store.ts'
import type { Decisions } from './decisions.ts'
import type { RuleMemory } from './rule-memory.ts'

export interface SequencePorts {
  readonly memory: RuleMemory
  readonly decisions: Pick<Decisions, 'take' | 'wake' | 'gap'>
  /** The time before this start in which nobody watched, if the rules have not been told of it. */
  readonly downtime: Downtime | null
  /** The rules have been told; to be remembered with what follows from it. */
  readonly spanned: (downtime: Downtime) => void
}

export class Sequence {
  readonly #ports: SequencePorts
  #downtime: Downtime | null

  constructor(ports: SequencePorts) {
    this.#ports = ports
    this.#downtime = ports.downtime
  }

  take(event: Event): void {
    if (this.#downtime && event.at >= this.#downtime.toAt) this.span()
    this.wakeUntil(event.at)
    this.#ports.decisions.take(event)
  }

  /** The moments that have come by now, with no event before them on its way. */
  wakeUntil(now: number): void {
    const { memory, decisions } = this.#ports
    for (let due = memory.takeDue(now); due; due = memory.takeDue(now)) decisions.wake(due.value, due.at)
  }

  /** No event of the time before this start is left. */
  span(): void {
    const downtime = this.#downtime
    if (downtime === null) return
    this.#downtime = null
    this.#ports.decisions.gap(downtime.fromAt, downtime.toAt)
    this.#ports.spanned(downtime)
  }
}
