// Performs one attempt of one step: (spec, context) → Outcome. Never rejects. Holds for every action: the
// attempt ends within its timeout or soon after, and the outcome contains no value of a secret.

import { formatDuration } from '../base/quantities.ts'
import { messageOf } from '../base/printable.ts'
import type { ActionSpec } from '../model/action.ts'
import { isOnHost } from '../model/host.ts'
import type { Outcome } from '../model/outcome.ts'
import { TimedOut } from './context.ts'
import type { ActionContext, Attempt } from './context.ts'
import { performAlert } from './alert.ts'
import { performKill } from './kill.ts'
import { performList } from './list.ts'
import { performOnHost } from './on-host.ts'
import { performNotify } from './notify.ts'
import { performPublish } from './publish.ts'
import { performReap } from './reap.ts'
import { performRenice } from './renice.ts'
import { performRestart } from './restart.ts'
import { performShell } from './shell.ts'
import { performWebhook } from './webhook.ts'
import { Disclosure, MissingSecret } from '../secrets/secrets.ts'

/** Actions that act on the world. The others (wait, call, parallel) steer the run and are the engine's. */
export type PerformableSpec = Exclude<ActionSpec, { kind: 'wait' | 'call' | 'parallel' }>

export async function perform(spec: PerformableSpec, context: ActionContext): Promise<Outcome> {
  const disclosure = new Disclosure(context.hub.secrets)
  const { signal } = context.ending
  const cancelTimeout = context.hub.clock.after(spec.timeoutMs, () =>
    context.ending.abort(new TimedOut(`timed out after ${formatDuration(spec.timeoutMs)}`)),
  )
  try {
    signal.throwIfAborted()
    const late = whyTooLate(spec, context.hub.clock.now())
    if (late !== undefined) return { kind: 'give-up', reason: late }
    const outcome = await performKind(spec, { ...context, signal, disclosure })
    return redactOutcome(outcome, disclosure)
  } catch (error) {
    if (error instanceof MissingSecret) return { kind: 'give-up', reason: error.message }
    return { kind: 'retry', reason: disclosure.redact(`${spec.kind} failed: ${messageOf(error)}`) }
  } finally {
    cancelTimeout()
  }
}

/** Says of a command that its time is over; whoever gave it does not expect it any more. */
function whyTooLate(spec: PerformableSpec, now: number): string | undefined {
  if (!('notAfter' in spec) || spec.notAfter === undefined || now <= spec.notAfter) return undefined
  return `the command expired ${formatDuration(now - spec.notAfter)} before it could be carried out`
}

function performKind(spec: PerformableSpec, attempt: Attempt): Promise<Outcome> | Outcome {
  if (isOnHost(spec)) return performOnHost(spec, attempt)
  switch (spec.kind) {
    case 'publish':
      return performPublish(spec, attempt)
    case 'shell':
      return performShell(spec, attempt)
    case 'webhook':
      return performWebhook(spec, attempt)
    case 'alert':
      return performAlert(spec, attempt)
    case 'notify':
      return performNotify(spec, attempt)
    case 'kill':
      return performKill(spec, attempt)
    case 'reap':
      return performReap(spec, attempt)
    case 'renice':
      return performRenice(spec, attempt)
    case 'restart':
      return performRestart(spec, attempt)
    case 'list':
      return performList(spec, attempt)
    default:
      return spec satisfies never
  }
}

function redactOutcome(outcome: Outcome, disclosure: Disclosure): Outcome {
  const result = disclosure.redactJson(outcome.result)
  if (outcome.kind === 'done') return { kind: 'done', result: result ?? {} }
  return { ...outcome, reason: disclosure.redact(outcome.reason), ...(result && { result }) }
}
