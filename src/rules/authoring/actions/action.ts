// `do` returns actions: plain objects, made by the builders beside this file. An action is an ActionSpec that
// may also hold functions (a call, a function of earlier results); the plan stores `null` or a bare `call`
// where a function stands.

import { parseDuration } from '../../../base/quantities.ts'
import type { Duration } from '../../../base/quantities.ts'
import type { ActionSpec, RetrySpec } from '../../../model/action.ts'
import type { JsonObject } from '../../../model/json.ts'

/** The symbol is registered by name, so that actions of a second copy of this package are understood too. */
export const ACTION: unique symbol = Symbol.for('vigie.action')

export interface Action {
  readonly [ACTION]: Body
  readonly manner: Manner
}

export type Body =
  /** A complete spec, except for its manner. */
  | { readonly kind: 'spec'; readonly spec: BareSpec }
  /** A reply, which becomes a publish once the event is known. */
  | { readonly kind: 'reply'; readonly payload: PayloadSpec }
  | { readonly kind: 'call'; readonly fn: CallFunction }
  | { readonly kind: 'parallel'; readonly steps: readonly Item[] }

export type PayloadSpec = { readonly text: string } | { readonly base64: string }

/** A spec without the fields that every action has. */
export type BareSpec = Bare<Exclude<ActionSpec, { kind: 'call' | 'parallel' }>>
type Bare<Spec> = Spec extends unknown ? Omit<Spec, 'timeoutMs' | 'retry' | 'onFailure'> : never

export interface Manner {
  readonly timeoutMs: number
  readonly retry: RetrySpec
  readonly onFailure: readonly Item[]
}

/** Results of the earlier steps of the run, by their index; `undefined` for a step that was skipped. */
export type Results = readonly (JsonObject | undefined)[]

/** Why a step failed; given to the functions in its `onFailure`. */
export interface Failure {
  readonly reason: string
  readonly result?: JsonObject | undefined
}

type Nothing = false | null | undefined
/** A function of earlier results. Inside `onFailure` it is also given the failure. */
type Deferred = (results: Results, failure?: Failure) => Action | Nothing
/**
 * An action of a run. `false`, `null` and `undefined` are left out, so that `condition && action` can be
 * written.
 */
export type Item = Action | Deferred | Nothing
/** What `do` may return. `undefined` alone is an error: it is what a `do` without `return` gives. */
export type Actions = Exclude<Item, undefined> | readonly Item[]

/** What `call` gives to its function. */
export interface CallContext {
  /** Aborted when the timeout is over, the run is cancelled, or the hub stops. */
  readonly signal: AbortSignal
  readonly results: Results
  /** The number of this attempt, from 1. */
  readonly attempt: number
  /** An idempotency key: the same for all attempts of this step. */
  readonly key: string
}
/** The function of a `call`. It throws when it has failed; its result is kept as JSON. */
export type CallFunction = (context: CallContext) => unknown

/** The options of every action. */
export interface ActionOptions {
  /** Ends an attempt that takes longer. */
  readonly timeout?: Duration
  /**
   * How many attempts there are in all, and how long the pauses between them are: from `min` (1 s by
   * default), doubled each time, up to `max` (5 m by default), with jitter.
   */
  readonly retry?: { readonly attempts?: number; readonly min?: Duration; readonly max?: Duration }
  /** Actions that run, in order, when the step is out of attempts. */
  readonly onFailure?: readonly Item[]
}

export interface Defaults {
  readonly timeout: Duration
  readonly attempts: number
}

export const isAction = (value: unknown): value is Action =>
  typeof value === 'object' && value !== null && ACTION in value

/** @param name for messages: `webhook` */
export const action = (name: string, body: Body, options: ActionOptions, defaults: Defaults): Action => ({
  [ACTION]: body,
  manner: mannerOf(name, options, defaults),
})

function mannerOf(name: string, options: ActionOptions, defaults: Defaults): Manner {
  const { timeout, retry = {}, onFailure = [] } = options
  const attempts = retry.attempts ?? defaults.attempts
  if (!Number.isInteger(attempts) || attempts < 1)
    throw new RangeError(`${name}: retry.attempts is ${attempts}; it must be a whole number from 1 up`)
  const minMs = lengthOf(name, 'retry.min', retry.min ?? '1s')
  const maxMs = lengthOf(name, 'retry.max', retry.max ?? '5m')
  return {
    timeoutMs: lengthOf(name, 'timeout', timeout ?? defaults.timeout),
    retry: { attempts, minMs, maxMs: Math.max(minMs, maxMs) },
    onFailure,
  }
}

/** Parses the duration of an option to milliseconds; the error names the option. */
export function lengthOf(name: string, key: string, text: Duration): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new RangeError(`${name}: ${key}: ${(error as RangeError).message}`, { cause: error })
  }
}
