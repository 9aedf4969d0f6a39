// An HTTP request: status, body and certificate against what is expected. The body is read only where it is
// looked at.

import { bodyProblem } from '../http-client/answer.ts'
import type { HttpAnswer } from '../http-client/exchange.ts'
import { redirectOf } from '../http-client/redirects.ts'
import { send } from '../http-client/send.ts'
import { formatDuration } from '../base/quantities.ts'
import type { UrlExpectation } from '../model/probe.ts'
import type { RequestSpec } from '../model/request.ts'
import { Disclosure, MissingSecret } from '../secrets/secrets.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { Check } from './flip.ts'

const BODY_LIMIT_BYTES = 256 * 1024

export interface UrlProbeContext {
  readonly signal: AbortSignal
  /** Unix ms. */
  readonly now: number
  readonly secrets: Secrets
  /** Runs the pattern of the ping on what came. */
  readonly within: <T>(code: () => T) => T
}

export async function probeUrl(
  request: RequestSpec,
  expect: UrlExpectation,
  context: UrlProbeContext,
): Promise<Check> {
  const { signal, secrets } = context
  const disclosure = new Disclosure(secrets)
  try {
    const sent = await send(request, {
      disclosure,
      signal,
      bodyLimitBytes: expect.body ? BODY_LIMIT_BYTES : 0,
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
  { now, within }: UrlProbeContext,
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
  const { body } = expect
  const problem = body && within(() => bodyProblem(body, answer))
  if (problem !== undefined) return problem
  if (expect.certificateMs === undefined) return undefined
  if (certificateEndsAt === null) return 'it shows no certificate: the address is not an https one'
  const leftMs = certificateEndsAt - now
  if (leftMs < expect.certificateMs) return `its certificate is valid for ${formatDuration(leftMs)} only`
  return undefined
}
