// The order in which the rules are asked, whatever drives it. Events come in the order of the journal; before
// each of them come the wakes that fall due up to its moment, in order of time. A downtime, or a wall clock
// that was set, comes after the events before it and before the events after it. A pause of the hub is an
// event itself, and treated as a downtime.

import type { Event } from '../../model/event.ts'
import { pauseIn } from '../../model/pause.ts'
import type { Downtime } from '../../model/store.ts'
import type { AlertBook } from '../alerts/alert-book.ts'
import type { ClockChange } from '../time/clock-watch.ts'
import type { Decisions } from './decisions.ts'
import type { RuleMemory } from './rule-memory.ts'
import type { RulePauses } from './rule-pauses.ts'

export interface SequencePorts {
  /** The first level of the hub's own topics. */
  readonly root: string
  readonly memory: RuleMemory
  readonly alerts: Pick<AlertBook, 'take' | 'wake' | 'nextWakeAt' | 'clockSet'>
  readonly decisions: Pick<Decisions, 'take' | 'wake' | 'downtime' | 'clockSet'>
  readonly pauses: Pick<RulePauses, 'take' | 'wake' | 'nextWakeAt' | 'downtime' | 'clockSet'>
  /** The downtimes of which the rules have not been told, oldest first. */
  readonly downtimes: readonly Downtime[]
  /**
   * Called when the rules have been told of a downtime, so that this is committed with what follows from it.
   */
  readonly downtimeTaken: (downtime: Downtime) => void
}

export class Sequence {
  readonly #ports: SequencePorts
  readonly #downtimes: Downtime[]
  /** Changes of the clock that events have yet to pass, oldest first. */
  readonly #changes: ClockChange[] = []

  constructor(ports: SequencePorts) {
    this.#ports = ports
    this.#downtimes = [...ports.downtimes]
  }

  /**
   * Evaluates an event. Returns whether it did: after some of the wakes before it, `isEnough` may end the
   * batch.
   */
  take(event: Event, isEnough = NEVER): boolean {
    for (let next = this.#downtimes[0]; next && isSince(next, event); next = this.#downtimes[0])
      if (!this.#takeDowntime(next, isEnough)) return false
    for (let change = this.#changes[0]; change && cameAfter(change, event); change = this.#changes[0])
      this.#passChange(change)
    const { decisions, alerts, pauses, root } = this.#ports
    const pause = pauseIn(event, root)
    if (!this.wakeUntil(pause?.fromAt ?? event.at, isEnough)) return false
    // Whatever is due after the pause began comes before the next event.
    if (pause !== undefined) this.#wasDown(pause.fromAt, pause.toAt)
    decisions.take(event)
    alerts.take(event)
    pauses.take(event)
    return true
  }

  /**
   * Evaluates the wakes that have come by now; no event before them is on its way. Returns whether none is
   * left.
   */
  wakeUntil(now: number, isEnough = NEVER): boolean {
    while (this.#wake(now)) if (isEnough()) return false
    return true
  }

  /** The earliest moment at which a rule, a pause or an alert waits to be woken; `null` for none. */
  get nextWakeAt(): number | null {
    const { memory, alerts, pauses } = this.#ports
    const next = Math.min(...[memory, alerts, pauses].map(({ nextWakeAt }) => nextWakeAt ?? Infinity))
    return next === Infinity ? null : next
  }

  /** Evaluates the earliest wake that has come by now. Returns whether there was one. */
  #wake(now: number): boolean {
    const { memory, decisions, alerts, pauses } = this.#ports
    const { nextWakeAt } = this
    if (pauses.nextWakeAt === nextWakeAt) return pauses.wake(now)
    if (memory.nextWakeAt !== nextWakeAt) return alerts.wake(now)
    const due = memory.takeDue(now)
    if (due) decisions.wake(due.value, due.at)
    return due !== undefined
  }

  /** Called when the wall clock has been set. The rules learn of it after the events before it. */
  clockSet(change: ClockChange): void {
    this.#changes.push(change)
  }

  /**
   * Must be called when every event so far has been evaluated. Returns whether every downtime and change of
   * the clock has been told.
   */
  reachHead(isEnough = NEVER): boolean {
    if (!this.takeDowntimes(isEnough)) return false
    for (let change = this.#changes[0]; change; change = this.#changes[0]) this.#passChange(change)
    return true
  }

  /**
   * Must be called when every event from before this start has been evaluated. First come the wakes that were
   * due before the start. Returns whether every downtime has been told.
   */
  takeDowntimes(isEnough = NEVER): boolean {
    for (let next = this.#downtimes[0]; next; next = this.#downtimes[0])
      if (!this.#takeDowntime(next, isEnough)) return false
    return true
  }

  #takeDowntime(downtime: Downtime, isEnough: () => boolean): boolean {
    const { fromAt, toAt, clockSet } = downtime
    const { decisions, alerts, pauses } = this.#ports
    const seenAt = fromAt - (clockSet?.byMs ?? 0)
    if (!this.wakeUntil(seenAt, isEnough)) return false
    this.#downtimes.shift()
    if (clockSet !== undefined) {
      decisions.clockSet(seenAt, fromAt)
      alerts.clockSet(seenAt, fromAt)
      pauses.clockSet(seenAt, fromAt)
    }
    this.#wasDown(fromAt, toAt)
    this.#ports.downtimeTaken(downtime)
    return true
  }

  #passChange(change: ClockChange): void {
    this.#changes.shift()
    const { fromAt, toAt, earlier } = change
    const { decisions, alerts, pauses } = this.#ports
    decisions.clockSet(fromAt, toAt, earlier)
    alerts.clockSet(fromAt, toAt, earlier)
    pauses.clockSet(fromAt, toAt, earlier)
    const down = downtimeFoundBy(change)
    if (down !== null) this.#wasDown(down.fromAt, down.toAt)
  }

  /** A rule whose pause ended meanwhile is told of its pause, which lasts until now. */
  #wasDown(fromAt: number, toAt: number): void {
    this.#ports.decisions.downtime(fromAt, toAt)
    this.#ports.pauses.downtime(fromAt, toAt)
  }
}

/** Returns the downtime before a start with a clock that was behind. It is known once the clock is right. */
export function downtimeFoundBy({ fromAt, toAt, earlier }: ClockChange): Omit<Downtime, 'clean'> | null {
  if (earlier === undefined) return null
  const { upToAt, byMs } = earlier
  return { fromAt: upToAt + byMs, toAt: upToAt + toAt - fromAt }
}

/**
 * Whether an event came after a downtime. If the clock was set, the times on both sides do not compare, but
 * the ids do.
 */
const isSince = ({ toAt, clockSet }: Downtime, { id, at }: Event): boolean =>
  clockSet === undefined ? at >= toAt : id > clockSet.afterEvent

const NEVER = (): boolean => false

/**
 * Whether an event came after a change of the clock, judged by the time that the event bears. The earliest
 * moment of the change is just after the clock was last seen to be right.
 */
const cameAfter = ({ fromAt, toAt, seenAt }: ClockChange, { at }: Event): boolean =>
  toAt > fromAt ? at > fromAt : at <= toAt && at >= seenAt + toAt - fromAt
