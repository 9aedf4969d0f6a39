// The alert action: a command that raises the alert of a key, or resolves it. Done when the command is
// committed; what it makes of the alert, and who is told, is decided where commands are taken.

import type { AlertSpec } from '../model/action.ts'
import { DEEPEST_CAUSE } from '../model/event.ts'
import { hubMessage } from '../model/hub-message.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import { PACKET_BYTES, sizeProblem } from '../model/publication-size.ts'
import { alertCommandTopic, alertTopic } from '../topics/alert-topic.ts'
import type { Attempt } from './context.ts'
import { stepKey } from './context.ts'
import { causeOf, committed, tooDeep, unpublished } from './publish.ts'

export async function performAlert(spec: AlertSpec, attempt: Attempt): Promise<Outcome> {
  const { hub, disclosure, event, run, rule } = attempt
  const { key, resolve } = spec
  const alert = alertTopic(key, hub.root)
  if (resolve && !hub.alerts.mayBeOpen(key)) return { kind: 'done', result: { topic: alert, wasOpen: false } }
  const topic = alertCommandTopic(key, resolve ? 'resolve' : 'raise', hub.root)
  const cause = causeOf(event, run)
  if (cause.depth > DEEPEST_CAUSE) return { kind: 'give-up', reason: tooDeep(topic) }
  // The step counts once, however often a crash has it say so.
  const said = { ...(resolve ? endOf(spec) : beginningOf(spec)), rule, step: stepKey(attempt) }
  const message = hubMessage(topic, disclosure.redactJson(said), { cause })
  const size = { topic: Buffer.byteLength(topic), payload: message.payload.length, properties: 0 }
  const problem = sizeProblem(size, Math.max(hub.packetBytes, PACKET_BYTES))
  if (problem !== undefined) return { kind: 'give-up', reason: unpublished(topic, problem) }
  const command = committed(attempt, message)
  if (!resolve) hub.alerts.raising(key, command)
  return { kind: 'done', result: { topic: alert, event: await command } }
}

const beginningOf = ({ title, body, severity, labels, parent, pendingMs }: AlertSpec): JsonObject => ({
  title,
  body,
  severity,
  labels,
  ...(parent !== null && { parent }),
  ...(pendingMs > 0 && { pending: `${pendingMs}ms` }),
})

const endOf = ({ title, body }: AlertSpec): JsonObject => ({
  ...(title !== '' && { title }),
  ...(body !== '' && { body }),
})
