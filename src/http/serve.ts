// Serves a resource: each request is checked against the declaration of its route before the route is asked,
// and what the route returns is answered as JSON.

import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { jsonIn } from '../model/hub-message.ts'
import { answer } from './answer.ts'
import { boundedBytes } from './body.ts'
import { Reply } from './route.ts'
import type { HttpContext, HttpEnv, Resource, Route } from './route.ts'

/** Throws an HTTPException when the caller may not do what the route needs. */
export type Admit = (context: HttpContext, route: Route) => void | Promise<void>

/** A JSON body holds an order of a few words, or the payload of one message. */
const LARGEST_BODY = 65_536

export function serve({ routes }: Resource, admit: Admit): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  for (const route of routes) {
    const { method, params, query, body } = route
    const paramsSchema = z.object(params)
    const querySchema = z.strictObject(query)
    app.on(method, honoPath(route.path), async (context) => {
      await admit(context, route)
      const answered = await route.handle({
        params: check(paramsSchema, context.req.param()),
        query: check(querySchema, { ...headersOf(context, route), ...queryOf(context) }),
        body: body === null ? undefined : check(body, await bodyOf(context)),
        context,
      })
      if (answered instanceof Response) {
        // Nobody reads the body of an answer to HEAD: a stream would stay open for ever.
        if (context.req.raw.method === 'HEAD') await answered.body?.cancel()
        return answered
      }
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

/** Parameters that a route takes as headers, too; what stands in the query goes first. */
function headersOf({ req }: HttpContext, { headers, query }: Route): Record<string, string> {
  if (headers === undefined) return {}
  const given = Object.keys(query).map((name) => [name, req.header(headers + name)])
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Record<string, string>
}

async function bodyOf({ req }: HttpContext): Promise<unknown> {
  const text = (await boundedBytes(req.raw.body, LARGEST_BODY)).toString()
  if (text === '') return {}
  const value = jsonIn(Buffer.from(text))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new HTTPException(400, { message: 'The body is to be empty or a JSON object.' })
}

function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new HTTPException(400, { message: z.prettifyError(parsed.error) })
}
