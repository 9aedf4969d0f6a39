// The alert action: the retained message `<root>/alerts/<key>`. Alerts of one key are one alert, which counts
// how often it was raised until it is resolved. Done when the message is committed; the hub's own rule tells
// the channels of it.

import type { AlertSpec, Severity } from '../model/action.ts'
import { DEEPEST_CAUSE } from '../model/event.ts'
import { hubMessage, jsonIn } from '../model/hub-message.ts'
import type { Outcome } from '../model/outcome.ts'
import { PACKET_BYTES, sizeProblem } from '../model/publication-size.ts'
import { alertTopic } from '../topics/alert-topic.ts'
import type { Attempt } from './context.ts'
import { stepKey } from './context.ts'
import { causeOf, committed, tooDeep, unpublished } from './publish.ts'

export type AlertReport = {
  readonly key: string
  readonly state: 'firing' | 'resolved'
  readonly title: string
  readonly body: string
  readonly severity: Severity
  /** The moment at which this state began, as an ISO date. */
  readonly since: string
  /** The moment at which the alert was last raised. */
  readonly at: string
  /** The number of times that it was raised since it began to fire. */
  readonly count: number
  readonly rule: string
  /**
   * The step that raised it last. If the same step raises it again, as after a crash, it is not counted
   * twice.
   */
  readonly by: string
}

export async function performAlert(spec: AlertSpec, attempt: Attempt): Promise<Outcome> {
  const topic = alertTopic(spec.key, attempt.hub.root)
  const said = await inTurn(topic, () => say(spec, topic, attempt))
  if ('kind' in said) return said
  const { state, count, since } = said
  return { kind: 'done', result: { topic, state, count, since } }
}

async function say(spec: AlertSpec, topic: string, attempt: Attempt): Promise<AlertReport | Outcome> {
  const { hub, disclosure, event, run, rule } = attempt
  const before = jsonIn(hub.last(topic)) as AlertReport | null | undefined
  const by = stepKey(attempt)
  if (before?.by === by) return before
  if (spec.resolve && before?.state !== 'firing')
    return { kind: 'done', result: { state: 'resolved', wasFiring: false } }
  const cause = causeOf(event, run)
  if (cause.depth > DEEPEST_CAUSE) return { kind: 'give-up', reason: tooDeep(topic) }
  const state = spec.resolve ? 'resolved' : 'firing'
  const at = new Date(hub.clock.now()).toISOString()
  const isGoingOn = before?.state === state
  const report: AlertReport = disclosure.redactJson({
    key: spec.key,
    state,
    title: spec.title,
    body: spec.body,
    severity: spec.severity,
    since: isGoingOn ? before.since : at,
    at,
    count: spec.resolve ? (before?.count ?? 0) : isGoingOn ? before.count + 1 : 1,
    rule,
    by,
  })
  const message = hubMessage(topic, report, { retain: true, cause })
  const size = { topic: Buffer.byteLength(topic), payload: message.payload.length, properties: 0 }
  const problem = sizeProblem(size, Math.max(hub.packetBytes, PACKET_BYTES))
  if (problem !== undefined) return { kind: 'give-up', reason: unpublished(topic, problem) }
  await committed(attempt, message)
  return report
}

const turns = new Map<string, Promise<unknown>>()

/**
 * Runs work on one topic in turn, so that of two alerts at the same moment neither misses the other's count.
 */
async function inTurn<T>(topic: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(topic) ?? Promise.resolve()).then(work, work)
  turns.set(topic, turn)
  try {
    return await turn
  } finally {
    if (turns.get(topic) === turn) turns.delete(topic)
  }
}
