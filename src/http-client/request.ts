// Sends one HTTP request, follows as many redirects as the caller allows, and returns the last answer.

import { exchange } from './exchange.ts'
import type { HttpAnswer, HttpExchange } from './exchange.ts'
import { redirected, redirectOf } from './redirects.ts'

export interface HttpRequest extends HttpExchange {
  /** The number of redirects to follow. By default none, and the caller gets the redirect itself. */
  readonly redirects?: number
}

/** The promise rejects when no answer has come. */
export async function httpRequest({ redirects = 0, ...request }: HttpRequest): Promise<HttpAnswer> {
  let next: HttpExchange = request
  for (let left = redirects; left > 0; left--) {
    const answer = await exchange(next, (head) => redirectOf(head) === undefined)
    const to = redirected(next, answer)
    if (to === undefined) return answer
    next = to
  }
  return exchange(next)
}
