// A GET request: status, body and certificate against what is expected. Redirects are not followed: they are an answer.

import { httpRequest } from '../base/http-request.ts'
import type { HttpAnswer } from '../base/http-request.ts'
import { formatDuration } from '../base/quantities.ts'
import type { UrlExpectation } from '../model/probe.ts'
import type { Check } from './flip.ts'
import { latency, sentence } from './probe-tcp.ts'

const BODY_LIMIT_BYTES = 256 * 1024

export async function probeUrl(
  url: string,
  expect: UrlExpectation,
  signal: AbortSignal,
  now: number,
): Promise<Check> {
  const begunAt = performance.now()
  try {
    const answer = await httpRequest({
      url: new URL(url),
      method: 'GET',
      headers: { 'User-Agent': 'vigie' },
      signal,
      bodyLimitBytes: BODY_LIMIT_BYTES,
      isFresh: true,
    })
    const latencyMs = latency(begunAt)
    const reason = whyNot(answer, expect, now)
    return reason === undefined ? { kind: 'good', latencyMs } : { kind: 'failed', reason }
  } catch (error) {
    return { kind: 'failed', reason: sentence(error as NodeJS.ErrnoException) }
  }
}

function whyNot(answer: HttpAnswer, expect: UrlExpectation, now: number): string | undefined {
  const { status, body, certificateEndsAt } = answer
  const isWanted = expect.status ? expect.status.includes(status) : status >= 200 && status < 400
  if (!isWanted) return `it answers with ${status}`
  if (expect.body && !new RegExp(expect.body.source, expect.body.flags).test(body.toString()))
    return `/${expect.body.source}/ is not in what it answers`
  if (expect.certificateMs === undefined) return undefined
  if (certificateEndsAt === null) return 'it shows no certificate: the address is not an https one'
  const leftMs = certificateEndsAt - now
  if (leftMs < expect.certificateMs) return `its certificate is valid for ${formatDuration(leftMs)} only`
  return undefined
}
