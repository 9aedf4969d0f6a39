// The notify action: tells one channel of an alert what the event says. Only the hub's own rule asks for it.
// An alert that has changed since is not told: a later run tells what it has become.

import type { NotifySpec } from '../model/action.ts'
import type { Json } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Attempt } from './context.ts'

export async function performNotify({ channel: name }: NotifySpec, attempt: Attempt): Promise<Outcome> {
  const { event, hub } = attempt
  const tell = hub.channels.get(name)
  if (!tell) return { kind: 'give-up', reason: `there is no alert channel "${name}" any more` }
  const newest = hub.last(event.topic)
  if (newest && !Buffer.from(newest).equals(event.payload))
    return { kind: 'done', result: { channel: name, superseded: true } }
  const report = JSON.parse(Buffer.from(event.payload).toString()) as Json
  const sent = await tell(report, attempt)
  if (sent.kind === 'done') return { kind: 'done', result: { channel: name, ...sent.result } }
  return { ...sent, reason: `the alert channel "${name}": ${sent.reason}` }
}
