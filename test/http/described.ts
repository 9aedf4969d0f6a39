// The routes of the hub, of which every JSON answer is held to what the API says of it.

import { expect } from 'vitest'
import type { z } from 'zod'
import { problem } from '../../src/http/route.ts'
import type { Route } from '../../src/http/route.ts'
import { resources, routes } from '../../src/http/routes.ts'
import { FROM_HERE, OPEN } from './open.ts'
import type { RouteOptions } from '../../src/http/routes.ts'

/** By default. */
const ROOT: object = { root: 'vigie' }

interface DescribedApp {
  request(url: string, init?: RequestInit, env?: object): Promise<Response>
}

/** Fails the test when an answer is not as its route declares it, or holds what the route does not name. */
export function describedRoutes(given: RouteOptions): DescribedApp {
  const options = { ...OPEN, ...ROOT, ...given }
  const app = routes(options)
  const declared = resources(options).flatMap((resource) => resource.routes)
  return {
    async request(url, init, env = FROM_HERE) {
      const answer = await app.request(url, init, env)
      const { pathname } = new URL(url)
      const found = declared.find((route) => serves(route, init?.method ?? 'GET', pathname))
      const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true
      if (found && isJson) await expectDescribed(found, answer.clone())
      return answer
    },
  }
}

const serves = ({ method, path }: Route, asked: string, pathname: string): boolean =>
  method === asked &&
  new RegExp(`^${path.replaceAll(/\{\w+\+\}/g, '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname)

/** Answers of the frame itself, such as a wrong parameter, are those of every route. */
async function expectDescribed({ answers }: Route, answer: Response): Promise<void> {
  const shape = answers[answer.status] ?? ''
  if (typeof shape === 'string') expect(problem.parse(await answer.json())).toBeDefined()
  else if (shape.schema) expectExactly(shape.schema, await answer.json())
}

/** Zod drops members that an object does not name, so what it returns is equal only if there is none. */
const expectExactly = (schema: z.ZodType, value: unknown): void => expect(schema.parse(value)).toEqual(value)
