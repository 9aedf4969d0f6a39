// Watches many connections with one timer: each lies in the quarter of a second in which it falls due, and is
// looked at at its end. Hearing from a client costs nothing here; whether it was heard from is asked when its
// quarter comes.
//
// Always: the hub reads what has come before it judges a silence. After a time in which the hub was held up
// itself (stopped, suspended, swapped out) every deadline begins anew: nobody can tell for how long a client
// was silent.

import type { Clock } from '../../base/clock.ts'
import { HELD_UP_MS } from './grace.ts'

/** So late a deadline is noticed at most. */
const TICK_MS = 250
/** A smaller change of the clock is slewing, or a reading that is a little late. */
const SMALLEST_CHANGE_MS = 1_000

export interface Watched {
  /** The tick in which it lies, null for none: set here alone. */
  watchedUntil: number | null
  /** The moment from which it is too late. */
  dueAt(): number
  onDue(): void
  /** Nobody can tell for how long nothing was heard: it counts from now on. */
  beginAnew(): void
}

export class Deadlines {
  readonly #clock: Clock
  readonly #ticks = new Map<number, Set<Watched>>()
  #nextTick = 0
  /** When the timer was set: by the wall clock, and by one that nobody sets. */
  #armedAt = 0
  #armedSteady = 0
  #armedForMs = 0
  #cancel: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Watches from now on, or anew after a deadline has changed. What is never due is not watched. */
  watch(watched: Watched): void {
    this.unwatch(watched)
    if (watched.dueAt() === Infinity) return
    if (this.#cancel === undefined) {
      this.#nextTick = tickAt(this.#clock.now()) + 1
      this.#arm()
    }
    this.#put(watched)
  }

  unwatch(watched: Watched): void {
    const tick = watched.watchedUntil
    if (tick === null) return
    watched.watchedUntil = null
    const due = this.#ticks.get(tick)
    due?.delete(watched)
    if (due?.size === 0) this.#ticks.delete(tick)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    for (const watched of this.#everybody()) this.unwatch(watched)
  }

  #put(watched: Watched): void {
    const tick = Math.max(this.#nextTick, tickAt(watched.dueAt()) + 1)
    const due = this.#ticks.get(tick)
    if (due === undefined) this.#ticks.set(tick, new Set([watched]))
    else due.add(watched)
    watched.watchedUntil = tick
  }

  #arm(): void {
    this.#armedAt = this.#clock.now()
    this.#armedSteady = this.#clock.steady()
    // The timer goes off where a tick begins.
    this.#armedForMs = TICK_MS - (this.#armedAt % TICK_MS)
    this.#cancel = this.#clock.after(this.#armedForMs, () => this.#onTick())
  }

  /** The deadlines are looked at in the next turn of the loop: what has come meanwhile is read first. */
  #onTick(): void {
    const now = this.#clock.now()
    this.#nextTick = tickAt(now) + 1
    const spentMs = this.#clock.steady() - this.#armedSteady
    const stepMs = now - this.#armedAt - spentMs
    if (spentMs - this.#armedForMs >= HELD_UP_MS || Math.abs(stepMs) >= SMALLEST_CHANGE_MS) this.#beginAnew()
    this.#cancel = this.#clock.after(0, () => this.#lookAtDue())
  }

  /** Looks at all ticks up to now, so that a late timer skips nobody. */
  #lookAtDue(): void {
    const now = this.#clock.now()
    const upTo = tickAt(now)
    this.#nextTick = upTo + 1
    for (const tick of this.#ticks.keys()) {
      if (tick > upTo) continue
      for (const watched of this.#ticks.get(tick) ?? []) this.#look(watched, now)
    }
    this.#cancel = undefined
    if (this.#ticks.size > 0) this.#arm()
  }

  #beginAnew(): void {
    for (const watched of this.#everybody()) {
      watched.beginAnew()
      this.watch(watched)
    }
  }

  #everybody(): Watched[] {
    return [...this.#ticks.values()].flatMap((due) => [...due])
  }

  #look(watched: Watched, now: number): void {
    this.unwatch(watched)
    const dueAt = watched.dueAt()
    if (dueAt <= now) watched.onDue()
    else if (dueAt !== Infinity) this.#put(watched)
  }
}

const tickAt = (moment: number): number => Math.floor(moment / TICK_MS)
