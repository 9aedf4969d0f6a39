// The steps that wait for a moment: for a retry, or because of `wait`. Rings at the earliest of these
// moments, until it is stopped.

import type { Clock } from '../../base/clock.ts'
import { Alarm } from '../time/alarm.ts'
import { stepId } from '../../model/run.ts'
import type { StepRef } from '../../model/run.ts'
import { WakeQueue } from '../time/wake-queue.ts'

export class StepWakes {
  readonly #queue = new WakeQueue<StepRef>(stepId)
  readonly #clock: Clock
  readonly #alarm: Alarm
  #isStopped = false

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#alarm = new Alarm(clock, ring)
  }

  has(step: StepRef): boolean {
    return this.#queue.has(step)
  }

  /** Sets the moment of a step; `null`: the step waits no more. */
  set(step: StepRef, at: number | null): void {
    this.#queue.set(step, at)
    this.#arm()
  }

  /** Takes out the steps whose moment has come, earliest first. */
  *takeDue(): Generator<StepRef> {
    for (let due = this.#next(); due !== undefined; due = this.#next()) yield due.value
    this.#arm()
  }

  stop(): void {
    this.#isStopped = true
    this.#alarm.set(null)
  }

  #next(): { readonly value: StepRef } | undefined {
    return this.#queue.takeDue(this.#clock.now())
  }

  #arm(): void {
    if (!this.#isStopped) this.#alarm.set(this.#queue.nextAt)
  }
}
