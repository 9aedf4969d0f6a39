// An HTTP request: status, body and certificate against what is expected. The body is read only where it is
// looked at.

import { bodyProblem } from '../../http-client/answer.ts'
import type { HttpAnswer } from '../../http-client/exchange.ts'
import { redirectOf } from '../../http-client/redirects.ts'
import { send } from '../../http-client/send.ts'
import { jsonIn } from '../../model/hub-message.ts'
import type { TargetOf, UrlExpectation } from '../../model/probe.ts'
import type { RequestSpec } from '../../model/request.ts'
import { Disclosure, MissingSecret } from '../../secrets/secrets.ts'
import { certificateProblem } from './dial.ts'
import { valueAt, valueProblem } from './expectation.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'

const BODY_LIMIT_BYTES = 256 * 1024

export async function probeUrl({ request, expect }: TargetOf<'url'>, context: ProbeContext): Promise<Check> {
  const { signal, secrets } = context
  const disclosure = new Disclosure(secrets)
  try {
    const sent = await send(request, {
      disclosure,
      signal,
      bodyLimitBytes: expect.body || expect.json ? BODY_LIMIT_BYTES : 0,
      isFresh: true,
    })
    if (sent.kind === 'unsendable') return { kind: 'unable', reason: disclosure.redact(sent.why) }
    if (sent.kind === 'unanswered')
      return { kind: sent.isLocal ? 'unable' : 'failed', reason: disclosure.redact(sent.why) }
    const reason = whyNot(sent.answer, request, expect, context)
    return reason === undefined
      ? { kind: 'good', latencyMs: sent.answer.headAfterMs }
      : { kind: 'failed', reason: disclosure.redact(reason) }
  } catch (error) {
    if (error instanceof MissingSecret) return { kind: 'unable', reason: error.message }
    throw error
  }
}

function whyNot(
  answer: HttpAnswer,
  { redirects = 0 }: RequestSpec,
  expect: UrlExpectation,
  { clock, within }: ProbeContext,
): string | undefined {
  const { status, certificateEndsAt } = answer
  const isRedirect = redirectOf(answer) !== undefined
  const isWanted = expect.status
    ? expect.status.includes(status)
    : status >= 200 && status < 400 && !(isRedirect && redirects > 0)
  if (!isWanted)
    return isRedirect && redirects > 0
      ? `it answers with ${status} after ${redirects === 1 ? 'one redirect' : `${redirects} redirects`}`
      : `it answers with ${status}`
  const { body, json } = expect
  const problem =
    (body && within(() => bodyProblem(body, answer))) ?? (json && within(() => jsonProblem(json, answer)))
  if (problem !== undefined) return problem
  if (expect.certificateMs === undefined) return undefined
  if (certificateEndsAt === null) return 'it shows no certificate: the address is not an https one'
  return certificateProblem(certificateEndsAt, clock.now(), expect.certificateMs)
}

function jsonProblem(
  expected: NonNullable<UrlExpectation['json']>,
  { body, cut }: HttpAnswer,
): string | undefined {
  const json = jsonIn(body)
  if (json === undefined) return `the body is no JSON${cut === null ? '' : ', as far as it was read'}`
  for (const [path, expectation] of Object.entries(expected)) {
    const problem = valueProblem(valueAt(json, path), expectation)
    if (problem !== undefined) return `"${path}" in the body ${problem}`
  }
  return undefined
}
