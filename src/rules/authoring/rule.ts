// `rule(name, { on, …, do })`: the heart of the authoring API. Params come from the literal topic and the
// payload's type from the schema, so that no rule file ever writes a type argument. What each key means is
// said here, once, where the editor shows it.

import type { Duration } from '../../base/quantities.ts'
import type { Edge } from '../../calendar/window.ts'
import type { Origin } from '../../model/event.ts'
import type { Json } from '../../model/json.ts'
import type { CheckTopic, Params } from '../../topics/capture-types.ts'
import type { Actions } from './actions/action.ts'
import type { AnyContext, AnyParams, Context } from '../context/context.ts'
import { DECLARATION, stackOf } from './declared.ts'
import type { Declared } from './declared.ts'
import type { LatitudeLongitude } from './place.ts'
import type { OutputOf, Schema } from '../validate/schema.ts'
import type { Trigger } from './triggers/trigger.ts'

export interface Rule extends Declared {
  readonly [DECLARATION]: 'rule'
  readonly definition: RuleDefinition
}

// Any trigger fits, whatever it gives.
type SomeTrigger = Trigger<object>
type OnOne = string | SomeTrigger
/** A topic filter, a trigger, or several. */
export type On = OnOne | readonly OnOne[]

export function rule<const O extends OnOne, S extends Schema | undefined = undefined>(
  name: string,
  definition: RuleOptions<O, S>,
): Rule {
  return {
    [DECLARATION]: 'rule',
    name,
    definition: definition as unknown as RuleDefinition,
    stack: stackOf(rule),
  }
}

export interface RuleOptions<O extends OnOne, S extends Schema | undefined> extends RuleManner {
  /**
   * What it waits for: an MQTT topic filter whose wildcards may be named (`'devices/+id/#rest'`), a
   * trigger, or several.
   */
  readonly on: CheckOn<O> | readonly CheckOn<O>[]
  /** The payload must be like this. Any Standard Schema will do: zod, valibot, arktype. */
  readonly payload?: S
  /** Each key has its own timers, counts and runs. By default the params. */
  readonly key?: (context: ContextOf<O, S>) => string
  /** Whether the event counts. */
  readonly when?: (context: ContextOf<O, S>) => boolean
  /**
   * Only when the payload (`true`), or the value that the function picks, is not what it last was. The
   * first one counts.
   */
  readonly changed?: true | ((context: ContextOf<O, S>) => unknown)
  /** The number that `above` and `below` look at; by default the payload itself. */
  readonly value?: (context: ContextOf<O, S>) => number
  /** The same key within the window is the same event. */
  readonly dedupe?: {
    readonly key: (context: ContextOf<O, S>) => string | number
    readonly window: Duration
  }
  /**
   * What to do: returns actions as data, and performs nothing itself. One after the other; stops at the
   * first failure.
   */
  readonly do: (context: ContextOf<O, S>) => Actions
}

/** The keys that are the same for every rule. */
interface RuleManner {
  /**
   * Only for messages that come within this window of the day: from one moment to another, by the wall
   * clock (`'22:00'`) or by the sun (`'sunset'`, `'sunrise+30m'`), over midnight if need be.
   */
  readonly between?: readonly [from: Edge, to: Edge] | Between
  /** Fires when the value rises above this, and not again until it has come back to `until`. */
  readonly above?: number
  /** Fires when the value falls below this, and not again until it has come back to `until`. */
  readonly below?: number
  /** Where a threshold lets go; by default at the threshold itself. */
  readonly until?: number
  /**
   * The conditions must hold for this long; a message that breaks them cancels. Fires with the newest
   * message that held.
   */
  readonly for?: Duration
  /** Fires after this much quiet, with the last message; `longest` fires even if it never gets quiet. */
  readonly debounce?: Duration | { readonly quiet: Duration; readonly longest: Duration }
  /**
   * At most one per window; the rest wait in a queue (of 100, or `queue`), and what finds it full is
   * dropped.
   */
  readonly throttle?: Duration | { readonly window: Duration; readonly queue: number }
  /** At most so many per window; the rest are dropped. */
  readonly rateLimit?: readonly [count: number, window: Duration]
  /** Only the n-th within the window; then counts anew. */
  readonly count?: readonly [count: number, window: Duration]
  /** Not worth doing when the event is older than this. */
  readonly ttl?: Duration
  /**
   * What a firing does while earlier runs of its key go on: beside them (`parallel`, the default), not at
   * all (`single`), after ending them (`restart`), after they have ended (`queued`). With a number, at most
   * so many at a time; the rest are dropped.
   */
  readonly mode?: Mode | readonly [mode: 'parallel' | 'queued', limit: number]
  /**
   * What a timer does that spans a time in which the hub was down. `continue`: that time does not count.
   * `restart`: begins anew. `fire`: it counts. `drop`: forgets. By default `continue` for `for`, `restart`
   * for `silence`, `fire` for `debounce`.
   */
  readonly onGap?: OnGap
  /** `'fire'`: also, once, for each message that was retained on its topics before the rule was there. */
  readonly retained?: 'fire' | 'skip'
  /** `false`: takes no notice of anything, but stays listed. */
  readonly enabled?: boolean
  /** `true`: decides as ever, and records what it would do, but nothing is done. */
  readonly dryRun?: boolean
  /** Checked whenever the rule loads: a rule whose examples fail is refused. */
  readonly examples?: readonly Example[]
}

export interface Between {
  readonly from: Edge
  readonly to: Edge
  /** The weekdays on which the window begins, as in cron: `'mon-fri'`, `'sat,sun'`. By default all. */
  readonly days?: string
  /** Such as `'Europe/Paris'`; by default the hub's own. */
  readonly timezone?: string
  /** `[latitude, longitude]`, for the sun; by default the place of the configuration. */
  readonly place?: LatitudeLongitude
}

export const MODES = ['parallel', 'single', 'restart', 'queued'] as const
export type Mode = (typeof MODES)[number]
export const GAP_POLICIES = ['continue', 'restart', 'fire', 'drop'] as const
export type OnGap = (typeof GAP_POLICIES)[number]

export interface Example {
  readonly topic: string
  /** Sent as JSON, a string as it is. */
  readonly payload?: Json
  /** Whether it fires, be it after the quiet time that its timers ask for. */
  readonly expect: 'fire' | 'skip'
  /** Sent so many times, at one moment. */
  readonly times?: number
  /** When it comes, such as `'2026-06-01T23:30'`; by default when `between` allows it. */
  readonly at?: string
  /** By default what the trigger waits for. */
  readonly origin?: Origin
  /** What `last(topic)` knows. */
  readonly last?: Readonly<Record<string, Json>>
}

/** A rule with its types forgotten, as the hub holds it. */
export interface RuleDefinition extends RuleManner {
  readonly on: On
  readonly payload?: Schema
  readonly key?: (context: AnyContext) => unknown
  readonly when?: (context: AnyContext) => unknown
  readonly changed?: true | ((context: AnyContext) => unknown)
  readonly value?: (context: AnyContext) => unknown
  readonly dedupe?: { readonly key: (context: AnyContext) => unknown; readonly window: Duration }
  readonly do: (context: AnyContext) => unknown
}

/**
 * The filter or trigger itself when it is good; otherwise the sentence that says what is wrong, as the
 * compile error.
 */
type CheckOn<O extends OnOne> = O extends string ? CheckTopic<O> : O

type ContextOf<O extends OnOne, S extends Schema | undefined> = Context<
  ParamsOn<O>,
  S extends Schema ? OutputOf<S> : PayloadOn<O>
>

// O is the union of all that the rule waits for. Filters alone know which names all of them have.
type ParamsOn<O extends OnOne> = [O] extends [string] ? Params<O> : ParamsOnEach<O>
type ParamsOnEach<O> = O extends string ? Params<O> : O extends Trigger<infer P> ? P : AnyParams
type PayloadOn<O> = O extends Trigger<object, infer V> ? V : unknown
