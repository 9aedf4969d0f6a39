// The order in which the rules are asked, whatever drives it: events as the journal has them; before each of
// them the wakes that fall due up to its moment, in order of time; and what happened to time itself where it
// belongs, after the events before it and before those since: that nobody watched for a while, that the wall
// clock was set.

import type { Event } from '../../model/event.ts'
import type { Downtime } from '../../model/store.ts'
import type { ClockStep } from '../time/clock-watch.ts'
import type { Decisions } from './decisions.ts'
import type { RuleMemory } from './rule-memory.ts'

export interface SequencePorts {
  readonly memory: RuleMemory
  readonly decisions: Pick<Decisions, 'take' | 'wake' | 'downtime' | 'clockSet'>
  /** In which nobody watched, and of which the rules have not been told, oldest first. */
  readonly downtimes: readonly Downtime[]
  /** The rules have been told of one; to be remembered with what follows from it. */
  readonly downtimeTaken: (downtime: Downtime) => void
}

export class Sequence {
  readonly #ports: SequencePorts
  readonly #downtimes: Downtime[]
  /** Oldest first. */
  readonly #steps: ClockStep[] = []

  constructor(ports: SequencePorts) {
    this.#ports = ports
    this.#downtimes = [...ports.downtimes]
  }

  /** Returns whether it was taken: `isEnough` may say so when some of the wakes before it have been. */
  take(event: Event, isEnough = NEVER): boolean {
    for (let next = this.#downtimes[0]; next && isSince(next, event); next = this.#downtimes[0])
      if (!this.#takeDowntime(next, isEnough)) return false
    for (let step = this.#steps[0]; step && cameAfter(step, event); step = this.#steps[0])
      this.#passStep(step)
    if (!this.wakeUntil(event.at, isEnough)) return false
    this.#ports.decisions.take(event)
    return true
  }

  /**
   * The moments that have come by now, with no event before them on its way. Returns whether none of them is
   * left.
   */
  wakeUntil(now: number, isEnough = NEVER): boolean {
    const { memory, decisions } = this.#ports
    for (let due = memory.takeDue(now); due; due = memory.takeDue(now)) {
      decisions.wake(due.value, due.at)
      if (isEnough()) return false
    }
    return true
  }

  /** The wall clock has been set: rules learn it when the events before have been taken. */
  clockSet(step: ClockStep): void {
    this.#steps.push(step)
  }

  /** No event of the time before now is left. Returns whether all is told that waits for that. */
  reachHead(isEnough = NEVER): boolean {
    if (!this.takeDowntimes(isEnough)) return false
    for (let step = this.#steps[0]; step; step = this.#steps[0]) this.#passStep(step)
    return true
  }

  /**
   * No event of the time before this start is left. Returns whether that is told: first comes what was due
   * before.
   */
  takeDowntimes(isEnough = NEVER): boolean {
    for (let next = this.#downtimes[0]; next; next = this.#downtimes[0])
      if (!this.#takeDowntime(next, isEnough)) return false
    return true
  }

  #takeDowntime(downtime: Downtime, isEnough: () => boolean): boolean {
    const { fromAt, toAt, clockSet } = downtime
    const { decisions } = this.#ports
    const seenAt = fromAt - (clockSet?.byMs ?? 0)
    if (!this.wakeUntil(seenAt, isEnough)) return false
    this.#downtimes.shift()
    if (clockSet !== undefined) decisions.clockSet(seenAt, fromAt)
    decisions.downtime(fromAt, toAt)
    this.#ports.downtimeTaken(downtime)
    return true
  }

  #passStep(step: ClockStep): void {
    this.#steps.shift()
    const { fromAt, toAt, earlier } = step
    const { decisions } = this.#ports
    decisions.clockSet(fromAt, toAt, earlier)
    const down = downtimeFoundBy(step)
    if (down !== null) decisions.downtime(down.fromAt, down.toAt)
  }
}

/** How long nobody watched before a start with a clock that was behind, once the clock is right. */
export function downtimeFoundBy({ fromAt, toAt, earlier }: ClockStep): Omit<Downtime, 'clean'> | null {
  if (earlier === undefined) return null
  const { upToAt, byMs } = earlier
  return { fromAt: upToAt + byMs, toAt: upToAt + toAt - fromAt }
}

/** Times of events on both sides of a clock that was set do not compare; their order does. */
const isSince = ({ toAt, clockSet }: Downtime, { id, at }: Event): boolean =>
  clockSet === undefined ? at >= toAt : id > clockSet.afterEvent

const NEVER = (): boolean => false

/**
 * Told by the time that the event bears: at the earliest the clock was set just after it was last seen to be
 * right.
 */
const cameAfter = ({ fromAt, toAt, seenAt }: ClockStep, { at }: Event): boolean =>
  toAt > fromAt ? at > fromAt : at <= toAt && at >= seenAt + toAt - fromAt
