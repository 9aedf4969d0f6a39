// The steps that wait for a moment: for a retry, or because of `wait`. Rings at the earliest of these
// moments, until it is stopped.

import type { Clock } from '../../base/clock.ts'
import type { Earlier } from '../../model/clock-behind.ts'
import type { OpenRun } from '../runs/open-run.ts'
import { Alarm } from '../time/alarm.ts'
import { stepId } from '../../model/run.ts'
import type { StepRef } from '../../model/run.ts'
import { WakeQueue } from '../../base/wake-queue.ts'

export class StepWakes {
  readonly #queue = new WakeQueue<StepRef>(stepId)
  readonly #clock: Clock
  readonly #alarm: Alarm
  #isStopped = false

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#alarm = new Alarm(clock, ring)
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

  /**
   * The wall clock has been set: retries and waits of these runs keep their length.
   * @param byMs how far the clock was set
   * @param earlier how far the moments move of steps that began before the hub, if that is not as far
   */
  clockSet(
    runs: Iterable<{ readonly open: Pick<OpenRun, 'steps' | 'shiftWake'> }>,
    byMs: number,
    earlier?: Earlier,
  ): void {
    for (const { open } of runs)
      for (const { run, path, state, wakeAt, startedAt } of open.steps) {
        if (state !== 'waiting' || wakeAt === null || !this.#queue.has({ run, path })) continue
        const isEarlier = earlier !== undefined && !isSince(earlier, startedAt, this.#clock.now() - byMs)
        const stepMs = isEarlier ? earlier.byMs : byMs
        open.shiftWake(path, stepMs)
        this.set({ run, path }, wakeAt + stepMs)
      }
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

/**
 * Whether a step began after the start of the hub: its beginning, which does not move, lies between that and
 * now.
 */
const isSince = ({ upToAt }: Earlier, startedAt: number | null, now: number): boolean =>
  startedAt !== null && startedAt > upToAt && startedAt <= now
