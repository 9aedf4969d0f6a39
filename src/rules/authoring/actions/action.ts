// What `do` returns: actions as plain objects, made by the builders beside this file. An action is an
// ActionSpec in all but this: it may hold functions (a call, a function of earlier results), for which the
// plan keeps an empty place.

import { parseDuration } from '../../../base/quantities.ts'
import type { Duration } from '../../../base/quantities.ts'
import type { ActionSpec, RetrySpec } from '../../../model/action.ts'
import type { JsonObject } from '../../../model/json.ts'

/** By name, so that a second copy of this package is understood too. */
export const ACTION: unique symbol = Symbol.for('vigie.action')

export interface Action {
  readonly [ACTION]: Body
  readonly manner: Manner
}

export type Body =
  /** Ready data, but for its manner. */
  | { readonly kind: 'spec'; readonly spec: BareSpec }
  /** Becomes a publish when the event is known. */
  | { readonly kind: 'reply'; readonly payload: PayloadSpec }
  | { readonly kind: 'call'; readonly fn: CallFunction }
  | { readonly kind: 'parallel'; readonly steps: readonly Item[] }

export type PayloadSpec = { readonly text: string } | { readonly base64: string }

/** A spec without what every action carries. */
export type BareSpec = Bare<Exclude<ActionSpec, { kind: 'call' | 'parallel' }>>
type Bare<Spec> = Spec extends unknown ? Omit<Spec, 'timeoutMs' | 'retry' | 'onFailure'> : never

export interface Manner {
  readonly timeoutMs: number
  readonly retry: RetrySpec
  readonly onFailure: readonly Item[]
}

/** What earlier steps of the run came to, by their place; a step that was skipped has none. */
export type Results = readonly (JsonObject | undefined)[]

/** Why the step failed whose `onFailure` runs. */
export interface Failure {
  readonly reason: string
  readonly result?: JsonObject | undefined
}

type Nothing = false | null | undefined
/** A function of earlier results; inside `onFailure` also of the failure. */
type Deferred = (results: Results, failure?: Failure) => Action | Nothing
/** `false`, `null` and `undefined` are left out, so that `condition && action` can be written. */
export type Item = Action | Deferred | Nothing
/** `undefined` alone is none: it is what a `do` gives that has forgotten to return. */
export type Actions = Exclude<Item, undefined> | readonly Item[]

/** What a function given to `call` is told. */
export interface CallContext {
  /** Aborted when the time is up, the run is cancelled, or the hub stops. */
  readonly signal: AbortSignal
  readonly results: Results
  /** 1 for the first. */
  readonly attempt: number
  /** The same over all attempts of this step. */
  readonly key: string
}
/** Throws when it failed; what it returns is kept as JSON. */
export type CallFunction = (context: CallContext) => unknown

/** What every action takes. */
export interface ActionOptions {
  /** Ends an attempt that takes longer. */
  readonly timeout?: Duration
  /** How often it is tried, and how long the pauses are: they double from `min` up to `max`, with jitter. */
  readonly retry?: { readonly attempts?: number; readonly min?: Duration; readonly max?: Duration }
  /** What runs, in order, when the step is out of attempts. */
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

/** An option's duration in milliseconds; what is wrong with it names the option. */
export function lengthOf(name: string, key: string, text: Duration): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new RangeError(`${name}: ${key}: ${(error as RangeError).message}`, { cause: error })
  }
}
