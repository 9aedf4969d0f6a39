// Covers `src/http/openapi.ts`, `src/http/description.ts`.

import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import type { OpenApi } from '../../src/http/openapi.ts'
import { routes } from '../../src/http/routes.ts'
import type { RouteOptions } from '../../src/http/routes.ts'
import { honoPath } from '../../src/http/serve.ts'

const app = routes({ intakes: {}, log: silentLog } as unknown as RouteOptions)
const get = (path: string) => app.request(`http://127.0.0.1:7883${path}`)
const described = async (): Promise<OpenApi> => (await (await get('/api/openapi.json')).json()) as OpenApi

/** What a browser asks for to show the page, and what holds for every request. */
const PAGE = new Set(['/docs', '/docs/*', '*', '/*', '/assets/:name', '/push-worker.js'])

/** The schema of OpenAPI 3.1 documents, as the OpenAPI Initiative publishes it. */
const openApiSchema: object = JSON.parse(
  readFileSync(new URL('openapi-3.1.schema.json', import.meta.url), 'utf8'),
)

it('describes the API as OpenAPI 3.1 asks for', async () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const isOpenApi = ajv.compile(openApiSchema)
  const document = await described()
  isOpenApi(document)
  expect(isOpenApi.errors).toBeNull()
  const { openapi: _, ...incomplete } = document
  expect(isOpenApi(incomplete)).toBe(false)
})

it('says what lets a caller in, and with which scope of a token', async () => {
  const { paths, components } = await described()
  expect(Object.keys(components.securitySchemes)).toEqual(['token', 'password', 'session'])
  const tokenOf = (path: string, method: string) => paths[path]?.[method]?.security
  const others = [{ password: [] }, { session: [] }, {}]
  expect(tokenOf('/api/events', 'get')).toEqual([{ token: ['read'] }, ...others])
  expect(tokenOf('/publish/{topic}', 'post')).toEqual([{ token: ['publish'] }, ...others])
  expect(tokenOf('/api/runs/{id}/retry', 'post')).toEqual([{ token: ['write'] }, ...others])
  expect(tokenOf('/healthz', 'get')).toEqual([])
})

it('describes every answer, body and parameter by a JSON Schema that a validator takes', async () => {
  const document = await described()
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'vigie')
  const places = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses, requestBody, parameters = [] }]) =>
      [
        ...Object.values(responses).flatMap(({ content = {} }) => Object.values(content)),
        ...Object.values(requestBody?.content ?? {}),
        ...parameters,
      ].map(({ schema }) => ({ place: `${method} ${path}`, schema })),
    ),
  )
  expect(places.length).toBeGreaterThan(50)
  const refused = places.flatMap(({ place, schema }) => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"vigie#/')
    try {
      ajv.compile(JSON.parse(text) as object)
      return []
    } catch (error) {
      return [[place, error]]
    }
  })
  expect(refused).toEqual([])
})

it('describes every route that is served, and no other', async () => {
  // Proven intakes are served ahead of the others, at the same path.
  const served = new Set(
    app.routes.filter(({ path }) => !PAGE.has(path)).map(({ method, path }) => `${method} ${path}`),
  )
  const { paths } = await described()
  const named = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${honoPath(path)}`),
  )
  expect(named.toSorted()).toEqual([...served].map((each) => each.replaceAll('{.+}', '')).toSorted())
})

it('gives each operation a name of its own', async () => {
  const { paths } = await described()
  const names = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  expect(new Set(names).size).toBe(names.length)
})

it('shows people every route, by a page that loads nothing', async () => {
  const answer = await get('/api')
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  const page = await answer.text()
  for (const path of Object.keys((await described()).paths)) expect(page).toContain(` ${path}</h3>`)
  expect(page).not.toMatch(/<script|<link|<img|src=|href="(?!#|\/api\/openapi\.json)/)
})
