// The base of all channels over HTTP: one request, and its answer in the classes of `Told`.

import { printable } from '../base/printable.ts'
import { classOf } from '../http-client/answer.ts'
import type { AnswerClass } from '../http-client/answer.ts'
import type { HttpAnswer } from '../http-client/exchange.ts'
import { redirectOf } from '../http-client/redirects.ts'
import { send } from '../http-client/send.ts'
import type { JsonObject } from '../model/json.ts'
import type { RequestSpec } from '../model/request.ts'
import type { Telling, Untold } from './channel.ts'

/** Answers of services are short; what is longer comes from something else. */
const BODY_LIMIT_BYTES = 64 * 1024
/** How much of a service's own words goes into a reason. */
const LONGEST_WORDS = 200
const LONGEST_PAUSE_MS = 24 * 3_600_000

/** A request as data; by default a POST. */
export type ServiceRequest = Omit<RequestSpec, 'method' | 'headers'> &
  Partial<Pick<RequestSpec, 'method' | 'headers'>>

/** What is particular about the answers of a service. */
export interface Manners {
  /**
   * Whether an answer of status 2xx is one of this service. A portal or a proxy between answers 200 to
   * anything, and nobody reads what it has taken.
   */
  readonly isOurs?: (reply: Reply) => boolean
  /** The service's own word in the body for how long to wait, in milliseconds. */
  readonly pauseMs?: (json: JsonObject) => number | undefined
  /** Judges an answer by its body; `undefined` leaves it at its status. */
  readonly judge?: (reply: Reply) => AnswerClass | undefined
}

export interface Reply {
  readonly kind: 'good'
  readonly status: number
  /** The body; `{}` where that is no JSON object. */
  readonly json: JsonObject
  readonly text: string
}

export interface Failure {
  readonly kind: 'failed'
  readonly untold: Untold
  /** Of the answer; `null` where there is none. */
  readonly status: number | null
  /** The body of the answer; `{}` where there is none, or it is no JSON object. */
  readonly json: JsonObject
}

export async function callService(
  request: ServiceRequest,
  { signal, disclosure, clock }: Pick<Telling, 'signal' | 'disclosure' | 'clock'>,
  { isOurs = () => true, pauseMs = () => undefined, judge = () => undefined }: Manners = {},
): Promise<Reply | Failure> {
  const spec: RequestSpec = { method: 'POST', headers: {}, ...request }
  // On a connection of its own: on a kept one, a request that was cut off is repeated unseen.
  const sent = await send(spec, { disclosure, signal, bodyLimitBytes: BODY_LIMIT_BYTES, isFresh: true })
  if (sent.kind === 'unsendable') return failed('gone', `${sent.what} was not sent: ${sent.why}`)
  if (sent.kind === 'unanswered') return failed('later', `${sent.what} failed: ${sent.why}`)
  const { what, answer } = sent
  const reply = read(answer)
  const { status, json } = reply
  const said = wordsIn(reply)
  const words = said === undefined ? '' : `: ${printable(disclosure.redact(said), LONGEST_WORDS)}`
  const reason = `${what} was answered with ${status}${words}`
  if (redirectOf(answer) !== undefined)
    return failed('gone', `${reason}, a redirect: write the new address into the channel`, status)
  const verdict = judge(reply) ?? classOf(answer, clock.now())
  switch (verdict.kind) {
    case 'good':
      return isOurs(reply)
        ? reply
        : failed('later', `${reason}; something else is at this address`, status, json)
    case 'later': {
      const askedMs = Math.max(verdict.afterMs ?? 0, pauseMs(json) ?? 0)
      const afterMs = Math.min(Math.ceil(askedMs), LONGEST_PAUSE_MS)
      return {
        ...failed('later', reason, status, json),
        untold: { kind: 'later', reason, ...(afterMs > 0 && { afterMs }) },
      }
    }
    case 'gone':
    case 'bad':
      return failed(verdict.kind, reason, status, json)
    default:
      return verdict satisfies never
  }
}

const failed = (
  kind: Untold['kind'],
  reason: string,
  status: number | null = null,
  json: JsonObject = {},
): Failure => ({
  kind: 'failed',
  untold: { kind, reason },
  status,
  json,
})

function read({ status, body }: HttpAnswer): Reply {
  const text = body.toString()
  try {
    const json: unknown = JSON.parse(text)
    return { kind: 'good', status, text, json: isJsonObject(json) ? json : {} }
  } catch {
    return { kind: 'good', status, text, json: {} }
  }
}

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text in the answer of a service; `''` where it has none of this name. */
export function textIn({ json }: Pick<Reply, 'json'>, name: string): string {
  const value = json[name]
  return typeof value === 'string' ? value : ''
}

/** Where services say what is wrong. */
const WORDS = ['description', 'message', 'error', 'errors', 'detail', 'errorDescription'] as const

/** What the service itself says of a failure: a member of its JSON, or its text where that is no page. */
function wordsIn({ json, text }: Reply): string | undefined {
  for (const name of WORDS) {
    const said = json[name]
    const words = Array.isArray(said) ? said.filter((each) => typeof each === 'string').join(', ') : said
    if (typeof words === 'string' && words !== '') return words
  }
  const line = text.trim()
  return line === '' || /^[<{[]/.test(line) ? undefined : line
}
