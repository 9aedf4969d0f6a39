// From a firing to the steps of its run, and back from a step to the function behind it.
//
// A plan holds the top row of steps: paths '0', '1', …; children of a parallel step lie in its spec and
// become '1.0', '1.1'; those of `onFailure` become '1!0'. A function of earlier results, and one given to
// `call`, cannot be kept: it is found again by asking `do` once more with the same event and going the same
// path. So `do` must be pure, and the rule unchanged: `derive` says when not.

import { messageOf } from '../../base/printable.ts'
import type { ActionSpec } from '../../model/action.ts'
import type { Event } from '../../model/event.ts'
import type { FiringDetails } from '../../model/run.ts'
import { ACTION, isAction } from '../authoring/actions/action.ts'
import type { Action, CallFunction, Failure, Item, Results } from '../authoring/actions/action.ts'
import { replyTo } from '../authoring/actions/reply.ts'
import type { Match } from '../compile/compiled-rule.ts'
import type { World } from '../context/context.ts'
import { see } from './sight.ts'
import type { Sight } from './sight.ts'
import { ignoreRejection, RuleError, runUserCode } from '../context/user-code.ts'

/**
 * What a run is about. It is not stored: it is made again from the run (its event, moment and details) when
 * needed.
 */
export interface Occasion {
  /** The match of the rule for the topic of the event. */
  readonly match: Match
  readonly event: Event
  /** The moment of the firing. */
  readonly at: number
  readonly world: World
  /** What the firing says beside its event; absent or `null`: nothing. */
  readonly details?: FiringDetails | null | undefined
}

interface PlannedStep {
  readonly path: string
  /** `null` for a function of earlier results. */
  readonly spec: ActionSpec | null
}

export type Plan =
  | { readonly ok: true; readonly steps: readonly PlannedStep[] }
  | { readonly ok: false; readonly reason: string }

/** Asks `do` what there is to do. Never throws. */
export function plan(occasion: Occasion): Plan {
  return attempt(occasion, () => {
    const { sight, row } = asked(occasion)
    return {
      ok: true,
      steps: row.map((item, index) => ({ path: String(index), spec: specOf(item, sight) })),
    }
  })
}

/** Asks `do`, once the rule's schema has accepted the payload: somebody may have given another one. */
export const checkedPlan = (occasion: Occasion): Plan =>
  attempt(occasion, () => {
    const { match, event, at, world, details } = occasion
    const { answer } = see(match, event, world, { now: at, details }).payload
    return answer.accepted
      ? plan(occasion)
      : { ok: false, reason: `the payload is refused: ${answer.reason}` }
  })

export type Derived =
  | { readonly ok: true; readonly spec: ActionSpec }
  /** The function decided that there is nothing to do. */
  | { readonly ok: true; readonly spec: null }
  | { readonly ok: false; readonly reason: string }

/**
 * Calls the function of earlier results that stands at a path.
 * @param results of the run's top row; those of a parallel step as its spec's result
 * @param failure of the step whose `onFailure` the path is in
 */
export function derive(occasion: Occasion, path: string, results: Results, failure?: Failure): Derived {
  return attempt(occasion, () => {
    const { sight, row } = asked(occasion)
    const found = walk(sight, row, path, results, failure)
    return { ok: true, spec: found && specOf(found, sight) }
  })
}

export type Found =
  | { readonly ok: true; readonly fn: CallFunction }
  | { readonly ok: false; readonly reason: string }

/** Finds the function of the `call` at a path. */
export function findCall(occasion: Occasion, path: string, results: Results, failure?: Failure): Found {
  return attempt(occasion, () => {
    const { sight, row } = asked(occasion)
    const body = walk(sight, row, path, results, failure)?.[ACTION]
    if (body?.kind === 'call') return { ok: true, fn: body.fn }
    throw changed(sight)
  })
}

function asked(occasion: Occasion): { sight: Sight; row: readonly Wanted[] } {
  const { match, event, at, world, details } = occasion
  const sight = see(match, event, world, { now: at, details })
  const { rule, context } = sight
  const answer = runUserCode(rule, 'do', () => rule.definition.do(context))
  return { sight, row: rowOf(sight, Array.isArray(answer) ? answer : [answer], 'do returned') }
}

type Wanted = Exclude<Item, false | null | undefined>

/** What remains when empty places are left out, and answers that nobody asked for. */
function rowOf(sight: Sight, items: readonly unknown[], where: string): readonly Wanted[] {
  return items.flatMap((item, index): readonly Wanted[] => {
    if (item === false || item === null || item === undefined) return []
    if (typeof item === 'function') return [item as Wanted]
    if (!isAction(item))
      throw rubbish(sight, `${where} ${describe(item)}${items.length > 1 ? ` at place ${index}` : ''}`)
    const body = item[ACTION]
    return body.kind === 'reply' && sight.context.event.responseTopic === undefined ? [] : [item]
  })
}

function specOf(item: Wanted, sight: Sight): ActionSpec | null {
  if (typeof item === 'function') return null
  const { timeoutMs, retry } = item.manner
  const failureRow = rowOf(sight, item.manner.onFailure, 'onFailure holds')
  const manner = {
    timeoutMs,
    retry,
    ...(failureRow.length > 0 && { onFailure: failureRow.map((each) => specOf(each, sight)) }),
  }
  const body = item[ACTION]
  switch (body.kind) {
    case 'spec':
      return { ...body.spec, ...manner }
    case 'reply':
      return { ...replyTo(sight.context.event, body.payload), ...manner } as ActionSpec
    case 'call':
      return { kind: 'call', ...manner }
    case 'parallel': {
      const children = rowOf(sight, body.steps, 'parallel holds')
      return { kind: 'parallel', steps: children.map((each) => specOf(each, sight)), ...manner }
    }
    default:
      return body satisfies never
  }
}

/** Goes a path such as '1.0!2' from the top row down, calling the functions on the way. */
function walk(
  sight: Sight,
  top: readonly Wanted[],
  path: string,
  results: Results,
  failure: Failure | undefined,
): Action | null {
  const turns = path.match(/[.!]?\d+/g) ?? []
  let row = top
  let found: Action | null = null
  for (const turn of turns) {
    if (found) row = turn.startsWith('!') ? failureRow(sight, found) : childRow(sight, found)
    const item = row[Number(turn.replace(/^[.!]/, ''))]
    if (item === undefined) throw changed(sight)
    found = called(sight, item, results, failure)
    if (found === null) return null
  }
  return found
}

const failureRow = (sight: Sight, { manner }: Action): readonly Wanted[] =>
  rowOf(sight, manner.onFailure, 'onFailure holds')

function childRow(sight: Sight, { [ACTION]: body }: Action): readonly Wanted[] {
  if (body.kind !== 'parallel') throw changed(sight)
  return rowOf(sight, body.steps, 'parallel holds')
}

function called(sight: Sight, item: Wanted, results: Results, failure: Failure | undefined): Action | null {
  if (typeof item !== 'function') return item
  const answer: unknown = runUserCode(sight.rule, 'a function of earlier results', () =>
    item(results, failure),
  )
  if (Array.isArray(answer))
    throw rubbish(
      sight,
      'a function of earlier results returned an array; it returns one action, such as parallel([…])',
    )
  const [action] = rowOf(sight, [answer], 'a function of earlier results returned')
  if (typeof action === 'function')
    throw rubbish(sight, 'a function of earlier results returned another function')
  return action ?? null
}

/** Runs work on what a rule returned, which is code of the user, too: reading it may throw anything. */
function attempt<T>({ match }: Occasion, work: () => T): T | { readonly ok: false; readonly reason: string } {
  try {
    return runUserCode(match.rule, 'reading what do returned', work)
  } catch (error) {
    // A payload that was accepted when the rule fired, and is not any more: the rule has changed.
    return { ok: false, reason: messageOf(error) }
  }
}

const rubbish = ({ rule }: Sight, what: string): RuleError =>
  new RuleError(
    `${rule.line}: rule ${JSON.stringify(rule.name)}: ${what}; expected actions such as shell\`…\` or alert({ … })`,
  )

const changed = ({ rule }: Sight): RuleError =>
  new RuleError(
    `${rule.line}: rule ${JSON.stringify(rule.name)} does not lead to this step any more: it has ` +
      'changed since the run was planned, or its do is not a pure function of the event',
  )

function describe(value: unknown): string {
  if (value instanceof Promise) {
    ignoreRejection(value)
    return 'a promise (do is not async: work that takes time belongs into an action such as call)'
  }
  if (Array.isArray(value)) return 'an array inside the array (spread it, or make it parallel)'
  return typeof value === 'object' ? 'an object that is no action' : `a ${typeof value}`
}
