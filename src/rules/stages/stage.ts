// The two shapes of a stage. A condition asks about the event at hand; a timed stage decides when, and which,
// of the events that met the conditions go on. Both are pure: what they remember for a key is JSON that they
// are handed and hand back. Always: a moment in a memory has a name that ends in `At`; `shiftMoments`
// (model/moments.ts) shifts them all when the clock is set. An event in a memory is called `event`, as in a
// candidate; by that name the journal knows what it has to keep (`journal/forget/held.ts`).

import type { JsonObject } from '../../model/json.ts'
import type { Downtime } from '../../model/store.ts'
import type { Stage } from '../../model/verdict.ts'
import type { Event } from '../../model/event.ts'
import type { FiringDetails } from '../../model/run.ts'
import type { Said } from '../authoring/triggers/presence.ts'
import type { AnyContext } from '../context/context.ts'
import type { Checked } from '../context/payload.ts'
import type { RuleOrigin } from '../context/user-code.ts'

/**
 * What the conditions say of an event: `level` they are met · `edge` they have just come to be met, or are
 * met anew · `same` they are met as before: no news · `no` they are not met.
 */
export type Signal = 'level' | 'edge' | 'same' | 'no'

/** What a condition looks at: an event in the eyes of one rule. `see` (sight.ts) makes it. */
export interface Subject {
  readonly rule: RuleOrigin & { readonly line: string }
  readonly event: Event
  readonly context: AnyContext
  /** What the rule's schema says of the payload. Reading it may throw a RuleError. */
  readonly payload: { readonly answer: Checked }
}

export interface Condition {
  readonly name: Stage
  /** May throw a RuleError. */
  ask(subject: Subject, memory: JsonObject | undefined): Answer
}

export interface Answer {
  readonly signal: Signal
  /** Why it goes no further, for a person. */
  readonly reason?: string
  /** Absent: as it was; `null` forgets. */
  readonly memory?: JsonObject | null
}

/** What travels through the timed stages: which event, and all that a later stage needs of it. */
export interface Candidate {
  readonly event: number
  /** When the event came. */
  readonly at: number
  readonly dedupe?: string
  /** What a stage makes of the event, for `do`. */
  readonly details?: FiringDetails
}

export interface Timed<Memory extends object = object> {
  readonly name: Stage
  /**
   * A candidate arrives at the moment `now`. Only a hold is told of other signals than `level` and `edge`.
   */
  arrive(memory: Memory | undefined, arrival: Arrival, now: number): Move<Memory>
  /** The next moment at which it wants to be woken; Infinity for none. */
  wakeAt(memory: Memory): number
  /** Called at that moment. Must move the next one on. */
  wake(memory: Memory, now: number): Move<Memory>
  /** Called after a downtime. Absent: the downtime counts as any other time. */
  downtime?(memory: Memory, period: DownPeriod): Move<Memory>
}

export interface Arrival {
  readonly candidate: Candidate
  readonly signal: Signal
  /** The event itself. Only a hold is given it. */
  readonly subject?: Subject
  /** What the message says of a device that the rule follows. */
  readonly said?: Said
}

/** The period in which the hub was down. */
export type DownPeriod = Pick<Downtime, 'fromAt' | 'toAt'>

export interface Move<Memory> {
  /** `undefined` forgets. */
  readonly memory: Memory | undefined
  /** The candidate that goes on to the next stage. */
  readonly on?: Candidate
  /** The event that goes no further, or not yet, and why. */
  readonly held?: { readonly event: number; readonly reason: string }
}

/** A window is half open: a moment that lies exactly its length ago has left it. */
export const within = (at: number, lengthMs: number, now: number): boolean => at > now - lengthMs
