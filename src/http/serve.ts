// Serves a resource: each request is checked against the declaration of its route before the route is asked,
// and what the route returns is answered as JSON.

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { jsonIn } from '../model/hub-message.ts'
import { answer } from './answer.ts'
import { Reply } from './route.ts'
import type { HttpContext, Need, Resource, Route } from './route.ts'

/** Throws an HTTPException when the caller may not do what the route needs. */
export type Admit = (context: HttpContext, needs: Need, route: Route) => void | Promise<void>

/** A JSON body holds an order of a few words, or the payload of one message. */
const LARGEST_BODY = 65_536

export function serve({ routes }: Resource, admit: Admit): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  for (const route of routes) {
    const { method, params, query, body, needs } = route
    const paramsSchema = z.object(params)
    const querySchema = z.strictObject(query)
    app.on(method, honoPath(route.path), async (context) => {
      await admit(context, needs, route)
      const answered = await route.handle({
        params: check(paramsSchema, context.req.param()),
        query: check(querySchema, queryOf(context)),
        body: body === null ? undefined : check(body, await bodyOf(context)),
        context,
      })
      if (answered instanceof Response) return answered
      if (answered instanceof Reply)
        return answer(context, answered.value, answered.status as ContentfulStatusCode, answered.headers)
      return answer(context, answered)
    })
  }
  return app
}

/** `/publish/{topic+}` as Hono writes it: `/publish/:topic{.+}`. */
export const honoPath = (path: string): string =>
  path.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, many: string) => `:${name}${many && '{.+}'}`)

/** A parameter that is given more than once is a list. */
function queryOf({ req }: HttpContext): Record<string, string | string[]> {
  const entries = Object.entries(req.queries())
  return Object.fromEntries(
    entries.map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
  )
}

async function bodyOf({ req }: HttpContext): Promise<unknown> {
  const text = await boundedText(req.raw.body)
  if (text === '') return {}
  const value = jsonIn(Buffer.from(text))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new HTTPException(400, { message: 'The body is to be empty or a JSON object.' })
}

/** @throws HTTPException 413 as soon as the body is larger than it may be */
async function boundedText(body: ReadableStream<Uint8Array> | null, most = LARGEST_BODY): Promise<string> {
  return (await boundedBytes(body, most)).toString()
}

async function boundedBytes(body: ReadableStream<Uint8Array> | null, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  if (body !== null)
    for await (const chunk of body) {
      size += chunk.length
      if (size > most) throw new HTTPException(413, { message: `The body may have at most ${most} bytes.` })
      chunks.push(chunk)
    }
  return Buffer.concat(chunks)
}

function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new HTTPException(400, { message: z.prettifyError(parsed.error) })
}
