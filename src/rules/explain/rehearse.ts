// Sends one message past one rule, with quiet afterwards: what its examples and `vigie explain` ask.

import { formatDuration } from '../../base/quantities.ts'
import type { Event, Origin } from '../../model/event.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { Match } from '../compile/compiled-rule.ts'
import type { World } from '../context/context.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { Firing } from '../evaluate/evaluate.ts'
import { see } from '../evaluate/sight.ts'

export interface Rehearsal {
  /** What the rule said when the message came. */
  readonly verdict: Verdict
  /** What fired, then or after the quiet that its timers asked for, and the wait for others (`together`). */
  readonly firings: readonly Firing[]
}

/** A timer asks for one more wake, or a few; a rule that asks for more than this does not come to an end. */
const MOST_WAKES = 1_000

export interface Before {
  /** How often the message comes, at one moment. */
  readonly times?: number
  /** What the rule remembers for a key. */
  readonly state?: (key: string) => JsonObject | null
}

export function rehearse(match: Match, event: Event, world: World, before: Before = {}): Rehearsal {
  const { rule } = match
  const sight = see(match, event, world)
  const firings: Firing[] = []
  let state = before.state?.(sight.key) ?? null
  let wakeAt: number | null = null
  let verdict: Verdict | undefined
  for (let time = 0; time < (before.times ?? 1); time++) {
    const answer = evaluate(rule, sight.key, state, { kind: 'event', sight })
    firings.push(...answer.firings)
    ;({ state, wakeAt } = answer)
    verdict = answer.verdicts.at(-1)
  }
  for (let wakes = 0; wakeAt !== null && wakes < MOST_WAKES; wakes++) {
    const answer = evaluate(rule, sight.key, state, { kind: 'wake', at: wakeAt })
    firings.push(...answer.firings)
    ;({ state, wakeAt } = answer)
  }
  const windowMs = rule.together?.windowMs ?? 0
  return {
    verdict: verdict as Verdict,
    firings: firings.map((each) => ({ ...each, at: each.at + windowMs })),
  }
}

export const describeFirings = (firings: readonly Firing[], at: number): string =>
  firings.map((firing) => (firing.at > at ? `after ${formatDuration(firing.at - at)}` : 'at once')).join(', ')

/** An event as the hub would record it, had somebody published this. */
export function inventedEvent(topic: string, payload: string, origin: Origin, at = 0): Event {
  return {
    id: 1,
    at,
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retain: false,
    origin,
    client: null,
    properties: null,
    cause: null,
    recorded: true,
  }
}

/** A text as it is, anything else as JSON, nothing as the empty payload. */
export const payloadText = (payload: Json | undefined): string =>
  payload === undefined ? '' : typeof payload === 'string' ? payload : JSON.stringify(payload)
