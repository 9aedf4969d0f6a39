// `rule(name, { on, …, do })`: the heart of the authoring API. TypeScript infers the params from the literal
// topic and the type of the payload from the schema, so that no rule file has to write a type argument. The
// comment on each key is what an editor shows to the author.

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

// Accepts every trigger, whatever params and payload it gives.
type SomeTrigger = Trigger<object>
type OnOne = string | SomeTrigger
/** A topic filter, a trigger, or several. */
export type On = OnOne | readonly OnOne[]

/**
 * Declares a rule: when a message on `on` meets all conditions, the actions that `do` returns are run, at
 * least once. Export it from a rule file. Making a rule checks nothing; what is wrong with it is told when
 * the file loads.
 * @param name a name of its own among rules and watches: letters, digits, `.`, `_` and `-`, at most 100
 */
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
   * What the rule waits for: an MQTT topic filter whose wildcards may be named (`'devices/+id/#rest'`), a
   * trigger such as `cron('0 7 * * *')`, or an array of these.
   */
  readonly on: CheckOn<O> | readonly CheckOn<O>[]
  /**
   * The schema that the payload must satisfy, such as one of zod, valibot or arktype (any Standard Schema). A
   * message that does not satisfy it does not fire the rule.
   */
  readonly payload?: S
  /**
   * What keeps the firings of the rule apart: each key has its own timers, counts and runs. By default the
   * params.
   */
  readonly key?: (context: ContextOf<O, S>) => string
  /** Whether the message counts. Must return `true` or `false` at once: a promise is an error. */
  readonly when?: (context: ContextOf<O, S>) => boolean
  /**
   * Passes only when the payload (`true`), or the value that the function returns, differs from the last one
   * of the key. The first one passes.
   */
  readonly changed?: true | ((context: ContextOf<O, S>) => unknown)
  /**
   * The number that `above` and `below` compare; by default the payload itself. Anything but a finite number
   * is an error.
   */
  readonly value?: (context: ContextOf<O, S>) => number
  /** Drops a message whose key has passed within the window before. */
  readonly dedupe?: {
    readonly key: (context: ContextOf<O, S>) => string | number
    readonly window: Duration
  }
  /**
   * Returns the actions as data, and performs nothing itself. They run one after the other; the first failure
   * ends the run. Must be pure: after a restart it is asked again with the same event.
   */
  readonly do: (context: ContextOf<O, S>) => Actions
}

/** The options whose types do not depend on the trigger. */
interface RuleManner {
  /**
   * Passes only messages that come within this window of the day. Each end is a time of the wall clock
   * (`'22:00'`) or of the sun (`'sunset'`, `'sunrise+30m'`); the window may go over midnight.
   */
  readonly between?: readonly [from: Edge, to: Edge] | Between
  /** Passes when the value rises above this number, and not again until it has come back to `until`. */
  readonly above?: number
  /** Passes when the value falls below this number, and not again until it has come back to `until`. */
  readonly below?: number
  /** The value at which `above` or `below` is armed again; by default the threshold itself. */
  readonly until?: number
  /**
   * The conditions must hold for this long; a message that breaks them cancels the wait. The rule fires with
   * the newest message that held.
   */
  readonly for?: Duration
  /**
   * Waits until no message has come for this long, and fires with the last one. With `longest`, fires at the
   * latest that long after the first one, even without quiet.
   */
  readonly debounce?: Duration | { readonly quiet: Duration; readonly longest: Duration }
  /**
   * Lets one message through per window. The rest wait in a queue (100 unless `queue` says otherwise) and go
   * one per window; a message that finds the queue full is dropped.
   */
  readonly throttle?: Duration | { readonly window: Duration; readonly queue: number }
  /** Lets at most `count` messages through within any window of this length; the rest are dropped. */
  readonly rateLimit?: readonly [count: number, window: Duration]
  /** Fires on the n-th message within the window, then counts from zero. */
  readonly count?: readonly [count: number, window: Duration]
  /**
   * Drops a message that is older than this when its turn comes, be it before the rule fires or before its
   * run begins.
   */
  readonly ttl?: Duration
  /**
   * Firings of different keys within the window are one, with a list of the keys (`together` of `do`), if they
   * are at least that many (by default 5); otherwise each fires by itself at the end of the window. Of devices
   * that a rule follows, the return is told when the last one is back.
   */
  readonly together?: { readonly window: Duration; readonly atLeast?: number }
  /**
   * What a firing does while earlier runs of its key are open. `parallel` (the default): runs beside them.
   * `single`: is dropped. `restart`: ends them first. `queued`: waits until they have ended. A number limits
   * the open runs of the key; a firing above it is dropped.
   */
  readonly mode?: Mode | readonly [mode: 'parallel' | 'queued', limit: number]
  /**
   * What a timer does when the hub was down while it ran. `continue`: the downtime does not count. `restart`:
   * the timer begins anew. `fire`: the downtime counts. `drop`: the timer is forgotten. By default `continue`
   * for `for`, `restart` for `silence`, `fire` for `debounce`.
   */
  readonly onGap?: OnGap
  /**
   * `'fire'`: the rule also takes, once each, the messages that were retained on its topics before it was
   * loaded for the first time. By default `'skip'`.
   */
  readonly retained?: 'fire' | 'skip'
  /** `false`: the rule takes no event, but stays listed. By default `true`. */
  readonly enabled?: boolean
  /**
   * `true`: the rule decides as usual and records what it would do, but nothing is done. By default `false`.
   */
  readonly dryRun?: boolean
  /**
   * Messages with the expected decision. They are checked whenever the rule loads; a rule whose examples fail
   * is refused.
   */
  readonly examples?: readonly Example[]
}

export interface Between {
  readonly from: Edge
  readonly to: Edge
  /** The weekdays on which the window begins, as in cron: `'mon-fri'`, `'sat,sun'`. By default all. */
  readonly days?: string
  /** An IANA time zone such as `'Europe/Paris'`; by default that of the hub. */
  readonly timezone?: string
  /** `[latitude, longitude]` for times of the sun; by default `place` of the configuration. */
  readonly place?: LatitudeLongitude
}

export const MODES = ['parallel', 'single', 'restart', 'queued'] as const
export type Mode = (typeof MODES)[number]
export const GAP_POLICIES = ['continue', 'restart', 'fire', 'drop'] as const
export type OnGap = (typeof GAP_POLICIES)[number]

export interface Example {
  readonly topic: string
  /** The payload: a string is sent as it is, anything else as JSON. By default empty. */
  readonly payload?: Json
  /** Whether the rule fires, at once or after the time that its timers ask for. */
  readonly expect: 'fire' | 'skip'
  /** How many times the message is sent, all at one moment; by default once. */
  readonly times?: number
  /**
   * The moment at which the message comes, such as `'2026-06-01T23:30'`; by default one that `between`
   * allows.
   */
  readonly at?: string
  /** The origin of the message; by default the one that the trigger waits for. */
  readonly origin?: Origin
  /** The newest message of each topic, as `last(topic)` returns it. */
  readonly last?: Readonly<Record<string, Json>>
}

/** The place of a message in what one speaker says. */
export interface Numbered {
  readonly store: string
  readonly n: number
}

/** A rule without its inferred types, as the hub holds it. */
export interface RuleDefinition extends RuleManner {
  readonly on: On
  readonly payload?: Schema
  readonly key?: (context: AnyContext) => unknown
  readonly when?: (context: AnyContext) => unknown
  /** Of the hub's own declarations: why an event is turned away; see stages/refuses.ts. */
  readonly refuses?: (context: AnyContext) => string | undefined
  /** Of the hub's own declarations: the number of what is said once; see stages/once.ts. */
  readonly once?: (context: AnyContext) => Numbered | undefined
  readonly changed?: true | ((context: AnyContext) => unknown)
  readonly value?: (context: AnyContext) => unknown
  readonly dedupe?: { readonly key: (context: AnyContext) => unknown; readonly window: Duration }
  readonly do: (context: AnyContext) => unknown
}

/**
 * Resolves to the filter or trigger itself when it is valid, and otherwise to the sentence that the compiler
 * shows as the error.
 */
type CheckOn<O extends OnOne> = O extends string ? CheckTopic<O> : O

type ContextOf<O extends OnOne, S extends Schema | undefined> = Context<
  ParamsOn<O>,
  S extends Schema ? OutputOf<S> : PayloadOn<O>
>

// O is the union of all that the rule waits for. If it holds filters only, the params are the names that all
// of them have.
type ParamsOn<O extends OnOne> = [O] extends [string] ? Params<O> : ParamsOnEach<O>
type ParamsOnEach<O> = O extends string ? Params<O> : O extends Trigger<infer P> ? P : AnyParams
type PayloadOn<O> = O extends Trigger<object, infer V> ? V : unknown
