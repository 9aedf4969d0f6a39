// The webhook action: one HTTP request. What may pass (no connection, 408, 425, 429, 5xx) is tried again, not
// before the server's Retry-After; any other answer that was not wanted is final: the server has taken the
// request. Redirects are followed only where the rule says so: a POST would be repeated, to an address that
// nobody wrote into the rule.

import { bodyProblem, classOf } from '../http-client/answer.ts'
import type { HttpAnswer } from '../http-client/exchange.ts'
import { redirectOf } from '../http-client/redirects.ts'
import { send } from '../http-client/send.ts'
import type { WebhookSpec } from '../model/action.ts'
import { eventJson } from '../model/event-json.ts'
import { jsonText } from '../model/json.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import { childOf, traceOf } from '../model/trace.ts'
import { stepKey } from './context.ts'
import type { Attempt } from './context.ts'
import { textTail } from './tail.ts'

/** The number of bytes of an answer's body that are read, and searched by `expect`. */
const BODY_LIMIT_BYTES = 256 * 1024

export async function performWebhook(spec: WebhookSpec, attempt: Attempt): Promise<Outcome> {
  const { disclosure, signal, event } = attempt
  const trace = traceOf(event.properties)
  const begunAt = performance.now()
  const isEvent = !spec.body && spec.method !== 'GET' && spec.method !== 'HEAD'
  const sent = await send(isEvent ? { ...spec, body: { text: eventText(attempt) } } : spec, {
    disclosure,
    signal,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    headers: {
      'Idempotency-Key': stepKey(attempt),
      ...(trace && childOf(trace)),
      ...(isEvent && { 'Content-Type': 'application/json' }),
    },
  })
  if (sent.kind === 'unsendable') return giveUp(`${sent.what} was not sent: ${sent.why}`)
  if (sent.kind === 'unanswered') return { kind: 'retry', reason: `${sent.what} failed: ${sent.why}` }
  const { what, answer } = sent
  const result: JsonObject = {
    status: answer.status,
    durationMs: Math.round(performance.now() - begunAt),
    ...readBody(answer, attempt),
  }
  return judge(spec, answer, what, attempt, result)
}

/** The event as JSON. A payload that is JSON stands in it as the text that came. */
const eventText = ({ event, params }: Attempt): string => jsonText(eventJson(event, params))

/**
 * The end of the body, as far as it was read; where that is not the whole, `truncated` has its length, or
 * `null` where the server did not say.
 */
function readBody({ body, headers, cut }: HttpAnswer, { disclosure, hub }: Attempt): JsonObject {
  const tail = textTail(body, {
    limit: hub.outputBytes,
    cut: cut === null ? 'nowhere' : 'end',
    disclosure,
  })
  if (tail.isWhole) return { body: tail.text }
  const told = Number(headers['content-length'] ?? Number.NaN)
  const whole = cut === null ? body.length : Number.isSafeInteger(told) ? told : null
  return { body: tail.text, truncated: { body: whole } }
}

function judge(
  { expect = {}, redirects = 0 }: WebhookSpec,
  answer: HttpAnswer,
  what: string,
  { hub, within }: Attempt,
  result: JsonObject,
): Outcome {
  const { status } = answer
  const verdict = classOf(answer, hub.clock.now())
  if (expect.status ? expect.status.includes(status) : verdict.kind === 'good') {
    const { body } = expect
    const problem = body && within(() => bodyProblem(body, answer))
    if (problem === undefined) return { kind: 'done', result }
    return giveUp(`${what} was answered with ${status}, but ${problem}`, result)
  }
  const reason = `${what} was answered with ${status}`
  if (verdict.kind === 'later') {
    const { afterMs } = verdict
    return { kind: 'retry', reason, result, ...(afterMs !== undefined && { afterMs }) }
  }
  const location = redirectOf(answer)
  if (location === undefined) return giveUp(reason, result)
  const to = URL.parse(location)?.host ?? 'another path of the same host'
  const why =
    redirects === 0
      ? 'redirects are not followed, so write the new address into the rule, or allow some with redirects'
      : `${redirects === 1 ? '1 redirect is' : `${redirects} redirects are`} followed, and this is one more`
  return giveUp(`${reason}, a redirect to ${to}: ${why}`, result)
}

const giveUp = (reason: string, result?: JsonObject): Outcome => ({
  kind: 'give-up',
  reason,
  ...(result && { result }),
})
