// Asks the hub over its HTTP API. Whatever goes wrong is an ApiError whose message is a sentence for the person
// in front of the page.

import { pathWith, type QueryValue } from '../shell/paths.ts'
import { Value } from '../shell/store.ts'
import { parseExactly } from './json.ts'

export class ApiError extends Error {
  override name = 'ApiError'
  /** The HTTP status; 0: no answer came. */
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

/** Whether the hub answers nothing but a login: nobody has logged in, or the session has ended. */
export const loginNeeded = new Value(false)

/** A login that fails is no session that has ended. */
const SESSION = '/api/session'

export type Query = Readonly<Record<string, QueryValue>>

export const getJson = <T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> =>
  ask<T>(pathWith(path, query), { ...(signal && { signal }) })

/** Rows, and what the query must say for those that follow; `null` when there are none. */
export interface Page<T> {
  readonly rows: readonly T[]
  readonly next: Query | null
}

/** A page of a list: the header `Link` of the answer leads to the next one. */
export async function getPage<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Page<T>> {
  const { answer, headers } = await request(pathWith(path, query), { ...(signal && { signal }) })
  const [, next] = /<([^>]*)>;\s*rel="next"/.exec(headers.get('link') ?? '') ?? []
  const search = next === undefined ? null : new URL(next, 'http://hub').searchParams
  return { rows: answer as readonly T[], next: search && Object.fromEntries(search) }
}

export const postJson = <T>(path: string, body: unknown = {}, query: Query = {}): Promise<T> =>
  ask<T>(pathWith(path, query), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

export const deleteJson = <T>(path: string): Promise<T> => ask<T>(path, { method: 'DELETE' })

/** Posts a payload as it is. */
export const postText = <T>(path: string, text: string, query: Query = {}): Promise<T> =>
  ask<T>(pathWith(path, query), {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: text,
  })

const ask = async <T>(path: string, options: RequestInit): Promise<T> =>
  (await request(path, options)).answer as T

async function request(
  path: string,
  options: RequestInit,
): Promise<{ readonly answer: unknown; readonly headers: Headers }> {
  const [response, text] = await answered(path, options)
  if (response.status === 401 && path !== SESSION) loginNeeded.set(true)
  const answer = jsonIn(text)
  if (response.ok && answer !== undefined) return { answer, headers: response.headers }
  const said = (answer as { readonly error?: unknown } | undefined)?.error
  throw new ApiError(
    typeof said === 'string' ? said : `The hub answered ${response.status}.`,
    response.status,
  )
}

/** The answer and its body; either may not come. */
async function answered(path: string, options: RequestInit): Promise<readonly [Response, string]> {
  try {
    const response = await fetch(path, options)
    return [response, await response.text()]
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    throw new ApiError('The hub does not answer.', 0)
  }
}

function jsonIn(text: string): unknown {
  try {
    return parseExactly(text)
  } catch {
    return undefined
  }
}
