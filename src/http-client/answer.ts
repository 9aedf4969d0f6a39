// The meaning of an HTTP answer for the sender of the request.

import type { TextPattern } from '../model/request.ts'
import type { HttpBody, HttpHead } from './exchange.ts'
import { retryAfterMs } from './retry-after.ts'

export type AnswerClass =
  /** Taken. */
  | { readonly kind: 'good' }
  /** The request is to be tried again, not before `afterMs` if the server says so. */
  | { readonly kind: 'later'; readonly afterMs?: number }
  /** The address or the right to use it is gone: no request will be taken before somebody sees to it. */
  | { readonly kind: 'gone' }
  /** The server refuses this request, however often it is sent; it may accept another one. */
  | { readonly kind: 'bad' }

/** Statuses besides 5xx that speak of now and not of the request. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429])
const GONE: ReadonlySet<number> = new Set([401, 403, 404, 410])

/** @param now Unix ms, for a Retry-After that is a date */
export function classOf({ status, headers }: Pick<HttpHead, 'status' | 'headers'>, now: number): AnswerClass {
  if (status >= 200 && status < 300) return { kind: 'good' }
  if (LATER.has(status) || status >= 500) {
    const afterMs = retryAfterMs(headers['retry-after'], now)
    return { kind: 'later', ...(afterMs !== undefined && { afterMs }) }
  }
  return { kind: GONE.has(status) ? 'gone' : 'bad' }
}

/** Returns why the body does not match the pattern, as the end of a sentence; `undefined` when it does. */
export function bodyProblem(pattern: TextPattern, { body, cut }: HttpBody): string | undefined {
  if (new RegExp(pattern.source, pattern.flags).test(body.toString())) return undefined
  const missing = `/${pattern.source}/ is not in the body`
  switch (cut) {
    case null:
      return missing
    case 'limit':
      return `${missing}, as far as it is read`
    case 'time':
      return `${missing}, which had not ended when the time was up`
    case 'broken':
      return `${missing}, which broke off`
    default:
      return cut satisfies never
  }
}
