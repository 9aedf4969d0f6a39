// An answer in JSON. People read it on a terminal (curl), so what a terminal obeys is escaped in it, as JSON
// can.

import type { Context, Env } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { visible } from '../base/printable.ts'
import { jsonText } from '../model/json.ts'

export const answer = <E extends Env>(
  context: Context<E>,
  value: unknown,
  status: ContentfulStatusCode = 200,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  context.body(visible(jsonText(value)), status, {
    ...headers,
    'Content-Type': 'application/json; charset=utf-8',
  })
