// The description of the API in OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0), made from the
// declarations of its routes.

import { z } from 'zod'
import { problem, SCOPE_FOR } from './route.ts'
import type { AnswerShape, AnswerShapes, Resource, Route } from './route.ts'

/** A JSON Schema of the dialect 2020-12, which is that of OpenAPI 3.1. */
export type JsonSchema = { readonly [key: string]: unknown }

export interface OpenApi {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components: {
    readonly schemas: { readonly [name: string]: JsonSchema }
    readonly securitySchemes: { readonly [name: string]: JsonSchema }
  }
}

export interface Operation {
  readonly tags: readonly string[]
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  /** One of these is enough; `{}`: no login is needed. */
  readonly security: readonly { readonly [scheme: string]: readonly string[] }[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly description?: string; readonly content: Content }
  readonly responses: {
    readonly [status: string]: { readonly description: string; readonly content?: Content }
  }
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

type Content = { readonly [type: string]: { readonly schema: JsonSchema } }

const ABOUT =
  'Parameters are named and written as the options of the command line. A request that is refused is answered ' +
  'with a sentence: `{ "error": "…" }`.'

const SECURITY_SCHEMES: Readonly<Record<string, JsonSchema>> = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token that `vigie token add NAME` has made, within its scopes: read, publish, write.',
  },
  password: {
    type: 'http',
    scheme: 'basic',
    description: 'A user of the users file, within the permissions that hold for the user.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'vigie_session_7883',
    description: 'A person who has logged in on the page. The name ends in the port of the hub.',
  },
}

/** From this machine no login is needed, unless the configuration says otherwise. */
const securityOf = ({ needs }: Route): Operation['security'] =>
  needs === 'open' ? [] : [{ token: [SCOPE_FOR[needs]] }, { password: [] }, { session: [] }, {}]

export function describe(resources: readonly Resource[], version: string): OpenApi {
  const schemas: Record<string, JsonSchema> = {}
  const paths: Record<string, Record<string, Operation>> = {}
  for (const { name, routes } of resources)
    for (const route of routes) {
      const path = route.path.replaceAll('+}', '}')
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, name, schemas) }
    }
  return {
    openapi: '3.1.1',
    info: { title: 'vigie', version, description: ABOUT },
    tags: resources.map(({ name, about }) => ({ name, description: about })),
    paths,
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  }
}

function operation(route: Route, tag: string, schemas: Record<string, JsonSchema>): Operation {
  const { method, path, summary, about, params, query, body, raw, answers } = route
  const parameters = [
    ...Object.entries(params).map(([name, schema]) => parameter('path', name, schema)),
    ...Object.entries(query).map(([name, schema]) => parameter('query', name, schema)),
  ]
  const responses = Object.entries({ ...expected(route), ...answers }).map(([status, shape]) => [
    status,
    response(typeof shape === 'string' ? { says: shape, schema: problem } : shape, schemas),
  ])
  return {
    tags: [tag],
    operationId: operationId(method, path),
    summary,
    ...(about !== undefined && { description: about }),
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== null && { requestBody: { content: json(schemaOf(body, schemas)) } }),
    ...(raw && { requestBody: { description: raw.says, content: { [raw.type]: { schema: {} } } } }),
    responses: Object.fromEntries(responses) as Operation['responses'],
  }
}

/** Errors that follow from what a route takes and needs. */
function expected({ params, query, body, needs }: Route): AnswerShapes {
  const takes = Object.keys(params).length + Object.keys(query).length > 0 || body !== null
  const errors: [number, string][] = []
  if (takes) errors.push([400, 'A parameter or the body is wrong, and why.'])
  if (needs !== 'open') errors.push([401, 'The caller has to log in, or did so wrongly.'])
  if (needs !== 'open') errors.push([403, 'The caller may not do this, and why.'])
  if (needs === 'act') errors.push([415, 'The content type is not `application/json`.'])
  return Object.fromEntries(errors)
}

function parameter(where: Parameter['in'], name: string, schema: z.ZodType): Parameter {
  const { description, ...rest } = jsonSchema(schema) as JsonSchema & { readonly description?: string }
  return {
    name,
    in: where,
    required: where === 'path' || !schema.safeParse(undefined).success,
    ...(description !== undefined && { description }),
    schema: rest,
  }
}

function response(
  { says, schema, type = 'application/json' }: AnswerShape,
  schemas: Record<string, JsonSchema>,
) {
  return {
    description: says,
    ...(schema && { content: { [type]: { schema: schemaOf(schema, schemas) } } }),
  }
}

const json = (schema: JsonSchema): Content => ({ 'application/json': { schema } })

/** Schemas that have a name stand among the components, once. */
function schemaOf(schema: z.ZodType, schemas: Record<string, JsonSchema>): JsonSchema {
  const text = JSON.stringify(jsonSchema(schema)).replaceAll('"#/$defs/', '"#/components/schemas/')
  const { $defs = {}, ...rest } = JSON.parse(text) as JsonSchema & {
    readonly $defs?: Record<string, JsonSchema>
  }
  for (const [name, { id: _id, ...named }] of Object.entries($defs)) schemas[name] = named
  return rest
}

/** The schema as a client writes it, before defaults and transformations. */
function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

/** `GET /api/runs/{id}` becomes `getRunsId`. */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() +
  path
    .replace(/^\/api\b/, '')
    .split(/[^A-Za-z]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
