// Asks the hub over its HTTP API. Whatever goes wrong is an ApiError whose message is a sentence for the person
// in front of the page.

import { pathWith, type QueryValue } from '../shell/paths.ts'

export class ApiError extends Error {
  override name = 'ApiError'
  /** The HTTP status; 0: no answer came. */
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

export type Query = Readonly<Record<string, QueryValue>>

export const getJson = <T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> =>
  ask<T>(pathWith(path, query), { ...(signal && { signal }) })

export const postJson = <T>(path: string, body: unknown = {}, query: Query = {}): Promise<T> =>
  ask<T>(pathWith(path, query), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

/** Posts a payload as it is. */
export const postText = <T>(path: string, text: string, query: Query = {}): Promise<T> =>
  ask<T>(pathWith(path, query), {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: text,
  })

async function ask<T>(path: string, request: RequestInit): Promise<T> {
  const response = await fetch(path, request).catch((error: unknown) => {
    if ((error as Error).name === 'AbortError') throw error
    throw new ApiError('The hub does not answer.', 0)
  })
  const text = await response.text()
  const answer = jsonIn(text)
  if (response.ok && answer !== undefined) return answer as T
  const said = (answer as { readonly error?: unknown } | undefined)?.error
  throw new ApiError(
    typeof said === 'string' ? said : `The hub answered ${response.status}.`,
    response.status,
  )
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
