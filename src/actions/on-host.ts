// An action on another machine: an order to the agent there, and its answer. The answer is a message like any
// other, so it is found in the journal, by this engine or by the next one.
//
// Always: an attempt that was cut off here is ordered again under the same key, and the agent answers again
// what it has done already. A late order is refused by the broker, for it expires with its attempt.

import { randomUUID } from 'node:crypto'
import { messageOf } from '../base/printable.ts'
import { answerTopic, hostTopic } from '../model/host.ts'
import type { HostAction, HostOrder } from '../model/host.ts'
import { hubMessage, jsonIn } from '../model/hub-message.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import { Cancelled, stepKey } from './context.ts'
import type { Attempt, HubPorts } from './context.ts'
import { causeOf, committed } from './publish.ts'

const LOOK_EVERY_MS = 50
/** As long as the longest step. */
const CANCEL_EXPIRY_SECONDS = 24 * 3_600
/** Of what an answer holds, in JSON. */
const MOST_RESULT = 512 * 1024

export async function performOnHost(
  spec: HostAction & { readonly host: string },
  attempt: Attempt,
): Promise<Outcome> {
  const { hub, signal, event, rule, run, step } = attempt
  const { host, onFailure: _hubs, ...own } = spec
  const key = stepKey(attempt)
  const known = answerFrom(hub, host, key, attempt.attempt)
  if (known !== undefined) return known
  const order: HostOrder = {
    kind: 'step',
    key,
    attempt: attempt.attempt,
    spec: own,
    rule,
    run,
    step,
    event: {
      id: event.id,
      at: event.at,
      topic: event.topic,
      payload: spec.kind === 'shell' ? Buffer.from(event.payload).toString('base64') : '',
    },
  }
  await committed(attempt, {
    ...hubMessage(hostTopic(hub.root, host, 'orders'), order, { cause: causeOf(event, run) }),
    properties: { messageExpiryInterval: Math.max(1, Math.ceil(lengthLeft(spec, hub) / 1_000)) },
  })
  try {
    return await answered(hub, host, { key, attempt: attempt.attempt }, signal)
  } catch (error) {
    if (signal.reason instanceof Cancelled) await cancelOrder(hub, host, key, signal.reason)
    return { kind: 'retry', reason: `${whyNoAnswer(hub, host)} (${messageOf(error)})` }
  }
}

/**
 * Tells the agent that the run was cancelled. An agent that is away finds that behind the order. One that is
 * older than this does not understand it, and goes on.
 */
async function cancelOrder(hub: HubPorts, host: string, key: string, reason: Cancelled): Promise<void> {
  const order: HostOrder = { kind: 'cancel', key: randomUUID(), cancels: key, reason: messageOf(reason) }
  await hub
    .publish({
      ...hubMessage(hostTopic(hub.root, host, 'orders'), order),
      properties: { messageExpiryInterval: CANCEL_EXPIRY_SECONDS },
    })
    .catch(() => {})
}

/** How long an attempt has: until its time is up, or the command that asks for it expires. */
const lengthLeft = (spec: HostAction, { clock }: Pick<HubPorts, 'clock'>): number => {
  const notAfter = 'notAfter' in spec ? (spec.notAfter ?? Infinity) : Infinity
  return Math.min(spec.timeoutMs, notAfter - clock.now())
}

type Asking = Pick<HubPorts, 'root' | 'clock' | 'last'>

/** Resolves with the answer to an order; rejects with the reason of the signal. */
export async function answered(
  hub: Asking,
  host: string,
  { key, attempt }: { readonly key: string; readonly attempt: number },
  signal: AbortSignal,
): Promise<Outcome> {
  for (;;) {
    signal.throwIfAborted()
    const answer = answerFrom(hub, host, key, attempt)
    if (answer !== undefined) return answer
    await new Promise<void>((resolve) => void hub.clock.after(LOOK_EVERY_MS, resolve))
  }
}

/** An attempt that has failed before counts only for itself; one that has not, for all. */
function answerFrom({ root, last }: Asking, host: string, key: string, attempt: number): Outcome | undefined {
  const payload = last(answerTopic(root, host, key))
  if (payload === undefined) return undefined
  const answer = jsonIn(payload) as
    | { readonly attempt?: unknown; readonly outcome?: unknown }
    | null
    | undefined
  const outcome = outcomeIn(answer?.outcome, payload.length)
  return outcome.kind === 'retry' && answer?.attempt !== attempt ? undefined : outcome
}

/** What an agent says came of it; the agent is another machine, and may say anything. */
function outcomeIn(said: unknown, bytes: number): Outcome {
  const malformed: Outcome = { kind: 'give-up', reason: 'the answer of the agent is malformed' }
  if (typeof said !== 'object' || said === null || bytes > MOST_RESULT) return malformed
  const { kind, reason, result } = said as Readonly<Record<string, unknown>>
  const isResult = (value: unknown): value is JsonObject =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (kind === 'done') return isResult(result) ? { kind, result } : malformed
  if ((kind !== 'retry' && kind !== 'give-up') || typeof reason !== 'string') return malformed
  return { kind, reason: reason.slice(0, 2_000), ...(isResult(result) && { result }) }
}

/** Why nothing is known of a host at this moment, as the end of a sentence; `undefined` when its agent is here. */
export function whyAway({ root, last }: Pick<Asking, 'root' | 'last'>, host: string): string | undefined {
  const report = jsonIn(last(hostTopic(root, host, 'agent'))) as
    | Readonly<Record<string, unknown>>
    | null
    | undefined
  if (report?.['state'] === 'online') return undefined
  const since =
    report === undefined || report === null ? 'it has not been here yet' : String(report['reason'])
  return `the agent of "${host}" is not connected: ${since}`
}

const whyNoAnswer = (hub: Asking, host: string): string =>
  whyAway(hub, host) ?? `the agent of "${host}" has not answered`
