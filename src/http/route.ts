// A route is declared once: its address, what it takes, what it answers. From the declaration the request is
// checked (serve.ts) and the API is described (openapi.ts), so the description cannot differ from what is
// served.

import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { z } from 'zod'
import type { Scope } from '../model/access.ts'
import type { HttpCaller } from './caller.ts'

export interface HttpEnv {
  Bindings: HttpBindings
  Variables: {
    /** Who asks; not set for a route that needs nothing. */
    caller: HttpCaller
  }
}

export type HttpContext = Context<HttpEnv>

/**
 * What a caller must be allowed to do: `read` looks at something, `publish` publishes as a client does, `act`
 * changes something in the hub. `open` asks for nothing.
 */
export type Need = 'open' | 'read' | 'publish' | 'act'

/** What a token must be good for. */
export const SCOPE_FOR: Readonly<Record<Exclude<Need, 'open'>, Scope>> = {
  read: 'read',
  publish: 'publish',
  act: 'write',
}

export interface AnswerShape {
  /** What the answer is, for a reader of the description. */
  readonly says: string
  readonly schema?: z.ZodType
  /** The media type; `application/json` by default. */
  readonly type?: string
}

/** Answers by status. A sentence alone stands for an error: `{ "error": "…" }`. */
export type AnswerShapes = Readonly<Record<number, AnswerShape | string>>

/** A body that is taken as the bytes it is, and not as JSON. */
export interface RawBody {
  readonly says: string
  readonly type: string
}

type Shape = Readonly<Record<string, z.ZodType>>
type Values<S extends Shape> = { readonly [K in keyof S]: z.output<S[K]> }

/** What a route without parameters takes. */
type Nothing = Readonly<Record<string, never>>

interface Declared {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Parts in braces are parameters; one that ends in `+` spans several levels: `/publish/{topic+}`. */
  readonly path: string
  /** One line, in the imperative. */
  readonly summary: string
  readonly about?: string
  readonly needs: Need
  /**
   * What the hub tells of itself: the caller must be allowed to receive `vigie/<looksAt>/#`. A route that
   * reads and does not declare it shows messages, and only those that the caller may receive.
   */
  readonly looksAt?: 'clients' | 'rules' | 'runs' | 'alerts' | 'pings' | 'processes' | 'hub'
  /**
   * For a route that needs `act`: the topic on which permissions have to allow publishing. By default it is
   * made of the path: `/api/runs/{id}/retry` is `vigie/commands/runs/3/retry`.
   */
  readonly commandTopic?: (root: string, context: HttpContext) => string
  /** Parameters of the query may be given as headers as well, whose names begin with this. */
  readonly headers?: string
  /** A body that is no JSON; the handler reads it. */
  readonly raw?: RawBody
  readonly answers: AnswerShapes
}

export interface Declaration<P extends Shape, Q extends Shape, B> extends Declared {
  readonly params?: P
  readonly query?: Q
  /** A JSON object, at most 64 KiB; an empty body counts as `{}`. */
  readonly body?: z.ZodType<B>
}

/** A request that fits its declaration. */
export interface Asked<P extends Shape, Q extends Shape, B> {
  readonly params: Values<P>
  readonly query: Values<Q>
  readonly body: B
  readonly context: HttpContext
}

/** A route as it is served and described. */
export interface Route extends Declared {
  readonly params: Shape
  readonly query: Shape
  readonly body: z.ZodType | null
  /** A value is answered as JSON with 200; a `Reply` with its status; a `Response` as it is. */
  readonly handle: (asked: Asked<Shape, Shape, unknown>) => unknown
}

/** Routes that belong together: one resource. */
export interface Resource {
  readonly name: string
  readonly about: string
  readonly routes: readonly Route[]
}

/** An answer in JSON with a status, or headers, of its own. */
export class Reply {
  readonly status: number
  readonly value: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status
    this.value = value
    this.headers = headers
  }
}

/**
 * A page of a list. `Link: <…>; rel="next"` (RFC 8288) says where the next one is.
 * @param next parameters that differ for the next page; `null` when this one is the last
 */
export function page(
  { req }: HttpContext,
  rows: readonly unknown[],
  next: Readonly<Record<string, string | number>> | null,
): Reply {
  if (next === null) return new Reply(200, rows)
  const { pathname, searchParams } = new URL(req.url)
  for (const [name, value] of Object.entries(next)) searchParams.set(name, String(value))
  return new Reply(200, rows, { Link: `<${pathname}?${searchParams.toString()}>; rel="next"` })
}

/** What the description of a list that has pages says. */
export const PAGED = 'The header `Link` (`rel="next"`) leads to the next page; the last one has none.'

export const route = <P extends Shape = Nothing, Q extends Shape = Nothing, B = undefined>(
  { params, query, body, ...declared }: Declaration<P, Q, B>,
  handle: (asked: Asked<P, Q, B>) => unknown,
): Route => ({
  ...declared,
  params: params ?? {},
  query: query ?? {},
  body: body ?? null,
  handle: handle as Route['handle'],
})

/** What is answered with every error. */
export const problem = z
  .object({ error: z.string().describe('What is wrong, as a sentence.') })
  .meta({ id: 'Problem' })
