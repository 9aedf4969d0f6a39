// A trigger says which topics a rule reads and which of their events it takes, because everything is a
// message. To add a trigger, write one file like those beside this one.

import type { Calendar } from '../../../calendar/calendar.ts'
import type { Coordinates } from '../../../calendar/sun.ts'
import type { Event, Origin } from '../../../model/event.ts'
import type { TaskSpec } from '../../../model/task.ts'
import type { AnyParams } from '../../context/context.ts'
import type { PresenceTrigger } from './presence.ts'

/** The symbol is registered by name, so that triggers of a second copy of this package are understood too. */
export const TRIGGER: unique symbol = Symbol.for('vigie.trigger')

/** The params of a trigger whose topic has no named wildcards. */
export type NoParams = Readonly<Record<string, never>>

/** Where a trigger stands; known only when its rule is compiled. */
export interface Place {
  /** First level of the hub's own topics: `vigie`. */
  readonly root: string
  readonly rule: string
  /** Index of the trigger in the rule, from 0. */
  readonly index: number
}

export interface Trigger<Params extends object = AnyParams, Payload = unknown> {
  readonly [TRIGGER]: {
    /** The trigger as messages show it: `will('a/+b')`. */
    readonly text: string
    /** The filter it reads, wildcards named. May throw a sentence for the author. */
    readonly filter: (place: Place) => string
    /** Params of a topic on the filter; `undefined` when it is not meant after all. Absent: the captures. */
    readonly params?: (captured: AnyParams) => AnyParams | undefined
    /** Why this event does not count, or `undefined` when it does. */
    readonly refuses?: (event: Event) => Refusal | undefined
    /** The only origin that it takes: what an example has unless it says otherwise. */
    readonly origin?: Origin
    /** Fires when the topic has been quiet for this long, not when it speaks. */
    readonly silence?: string
    /** The trigger follows devices: it fires when one is lost or back, not for each message. */
    readonly presence?: PresenceTrigger
    /**
     * Topics whose silence counts from the beginning. Throws a sentence for the author. The engine publishes
     * `<root>/expected/<rule>/<topic>` for each, once.
     */
    readonly expected?: () => readonly string[]
    /** The messages are those of a task: what becomes of it decides when the rule fires. */
    readonly task?: TaskSpec
    /** The engine publishes each tick of it. */
    readonly schedule?: Schedule
    /** The ping that must be declared for it. */
    readonly ping?: string
    /** Exists for the type checker alone. */
    readonly types?: { readonly params: Params; readonly payload: Payload }
  }
}

export interface Refusal {
  readonly stage: 'origin' | 'trigger'
  readonly reason: string
}

export interface Schedule {
  /** The schedule as messages show it: `0 7 * * *`. */
  readonly expression: string
  readonly catchUp: boolean
  /** Throws a sentence for the author. @param place the hub's, from the configuration */
  readonly open: (place: Coordinates | undefined) => Calendar
}

export interface CatchUp {
  /**
   * Runs once, as soon as the hub can, for ticks that it missed: it was down, its machine slept, its clock
   * was set forward.
   */
  readonly catchUp?: boolean
}

export const isTrigger = (value: unknown): value is Trigger =>
  typeof value === 'object' && value !== null && TRIGGER in value
