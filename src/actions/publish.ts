// The publish action: an MQTT message in the hub's name, done when it is committed.

import { printable } from '../base/printable.ts'
import type { PublishSpec } from '../model/action.ts'
import { DEEPEST_CAUSE } from '../model/event.ts'
import type { Cause, Event, Publication } from '../model/event.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import { publishProblem } from '../model/publication-size.ts'
import { childOf, namesTrace, traceOf } from '../model/trace.ts'
import type { Trace } from '../model/trace.ts'
import type { UserProperty } from '../mqtt/properties.ts'
import type { Attempt } from './context.ts'

export async function performPublish(spec: PublishSpec, attempt: Attempt): Promise<Outcome> {
  const cause = causeOf(attempt.event, attempt.run)
  if (cause.depth > DEEPEST_CAUSE) return { kind: 'give-up', reason: tooDeep(spec.topic) }
  if (spec.isReply && isOwn(spec.topic, attempt.hub.root))
    return { kind: 'give-up', reason: forged(spec.topic) }
  const { payload } = spec
  const properties = withTrace(spec.properties, traceOf(attempt.event.properties))
  const problem = publishProblem({ ...spec, ...(properties && { properties }) }, attempt.hub.packetBytes)
  if (problem !== undefined) return { kind: 'give-up', reason: unpublished(spec.topic, problem) }
  const event = await committed(attempt, {
    topic: spec.topic,
    payload: 'text' in payload ? Buffer.from(payload.text) : Buffer.from(payload.base64, 'base64'),
    qos: spec.qos,
    retain: spec.retain,
    origin: 'hub',
    cause,
    ...(properties && { properties }),
  })
  return { kind: 'done', result: { event } }
}

/** The trace of the event goes on, unless the rule begins one of its own. */
function withTrace(properties: JsonObject | undefined, trace: Trace | undefined): JsonObject | undefined {
  const named = (properties?.['userProperties'] ?? []) as readonly UserProperty[]
  if (trace === undefined || namesTrace(named.map(([name]) => name))) return properties
  return { ...properties, userProperties: [...named, ...Object.entries(childOf(trace))] as Json[] }
}

/**
 * Says why a message was not published. It is not tried again: it would be as large, or as wrong, the next
 * time.
 */
export const unpublished = (topic: string, problem: string): string =>
  `nothing was published to ${printable(topic)}: ${problem}`

/** Topics on which only the hub speaks: an answer there would be sent in its name. */
const isOwn = (topic: string, root: string): boolean => [root, '$SYS'].includes(topic.split('/', 1)[0] ?? '')

const forged = (topic: string): string =>
  `the event asks for its answer on ${printable(topic)}, where only the hub itself speaks; nothing was sent`

/**
 * Publishes, and waits for the commit no longer than the attempt lasts: while the disk is full, none comes.
 */
export async function committed({ hub, signal }: Attempt, publication: Publication): Promise<number> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([hub.publish(publication), aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * The cause of a message that a run publishes: the event that fired the run. Its chain of causes is one link
 * longer.
 */
export const causeOf = (event: Event, run: number): Cause => ({
  event: event.id,
  run,
  depth: (event.cause?.depth ?? 0) + 1,
})

export const tooDeep = (topic: string): string =>
  `nothing was published to ${topic}: it would be link ${DEEPEST_CAUSE + 1} of a chain of causes, so ` +
  'rules probably fire ' +
  'each other in a circle; look at the chain with "vigie why", and break it with a condition'
