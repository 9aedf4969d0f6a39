// The description of the API: for programs as OpenAPI, for people as a page that the hub makes of it, without
// a script and without anything from elsewhere.

import { html, raw } from 'hono/html'
import { z } from 'zod'
import { describe } from './openapi.ts'
import type { JsonSchema, OpenApi, Operation, Parameter } from './openapi.ts'
import { route } from './route.ts'
import type { Resource } from './route.ts'

/** What a browser may do with the page: show it. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

/** @param resources all but this one, which describes itself as well */
export function descriptionRoutes(resources: readonly Resource[], version: string): Resource {
  let made: OpenApi | undefined
  const document = (): OpenApi => (made ??= describe([...resources, own], version))
  const own: Resource = {
    name: 'Description',
    about: 'What you are reading.',
    routes: [
      route(
        {
          method: 'GET',
          path: '/api/openapi.json',
          summary: 'Describe the API in OpenAPI 3.1',
          needs: 'open',
          answers: { 200: { says: 'The description.', schema: z.looseObject({ openapi: z.string() }) } },
        },
        document,
      ),
      route(
        {
          method: 'GET',
          path: '/api',
          summary: 'Describe the API for people',
          needs: 'open',
          answers: { 200: { says: 'A page.', type: 'text/html', schema: z.string() } },
        },
        async ({ context }) =>
          context.body(await page(document()), 200, {
            'Content-Security-Policy': PAGE_POLICY,
            'Content-Type': 'text/html; charset=utf-8',
          }),
      ),
    ],
  }
  return own
}

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 58rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
  h3 { margin: 2rem 0 .25rem; font-size: 1.05rem }
  code, h3 { font-family: ui-monospace, monospace }
  table { border-collapse: collapse; margin: .5rem 0 }
  th, td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; border-top: 1px solid #8884 }
  pre { overflow-x: auto; padding: .5rem; border: 1px solid #8884 }
  nav a { margin-right: 1rem }`

type Markup = ReturnType<typeof html>

const page = async ({ info, tags, paths, components }: OpenApi): Promise<string> => {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>The HTTP API of vigie</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <main>
          <h1>The HTTP API of vigie ${info.version}</h1>
          <p>${prose(info.description)}</p>
          <p>For programs: <a href="/api/openapi.json">OpenAPI 3.1</a>.</p>
          <nav aria-label="Resources">
            ${tags.map(({ name }) => html`<a href="#${anchor(name)}">${name}</a> `)}
            <a href="#schemas">Schemas</a>
          </nav>
          ${tags.map(
            ({ name, description }) =>
              html`<section>
                <h2 id="${anchor(name)}">${name}</h2>
                <p>${prose(description)}</p>
                ${operations
                  .filter(({ operation }) => operation.tags.includes(name))
                  .map(({ path, method, operation }) => operationPart(method, path, operation))}
              </section>`,
          )}
          <section>
            <h2 id="schemas">Schemas</h2>
            ${Object.entries(components.schemas).map(
              ([name, schema]) =>
                html`<details id="schema-${name}">
                  <summary><code>${name}</code></summary>
                  <pre>${JSON.stringify(schema, null, 2)}</pre>
                </details>`,
            )}
          </section>
        </main>
      </body>
    </html>`
}

function operationPart(method: string, path: string, operation: Operation): Markup {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation
  return html`<article>
    <h3 id="${operationId}">${method.toUpperCase()} ${path}</h3>
    <p>${prose(summary)}. ${description === undefined ? '' : prose(description)}</p>
    ${
      parameters.length === 0
        ? ''
        : html`<table>
            <tr>
              <th>parameter</th>
              <th>type</th>
              <th>meaning</th>
            </tr>
            ${parameters.map(parameterRow)}
          </table>`
    }
    ${Object.entries(requestBody?.content ?? {}).map(
      ([type, { schema }]) =>
        html`<p>Body (<code>${type}</code>): ${requestBody?.description ?? typeText(schema)}</p>`,
    )}
    <table>
      <tr>
        <th>status</th>
        <th>answer</th>
      </tr>
      ${Object.entries(responses).map(
        ([status, { description: says, content = {} }]) =>
          html`<tr>
            <td>${status}</td>
            <td>
              ${prose(says)}
              ${Object.values(content).map(({ schema }) => html`<code>${typeText(schema)}</code>`)}
            </td>
          </tr>`,
      )}
    </table>
  </article>`
}

const parameterRow = ({ name, required, description = '', schema }: Parameter): Markup =>
  html`<tr>
    <td><code>${name}</code>${required ? ' (required)' : ''}</td>
    <td>
      ${typeText(schema)}${schema['default'] === undefined ? '' : `, by default ${JSON.stringify(schema['default'])}`}
    </td>
    <td>${prose(description)}</td>
  </tr>`

/** A type in a few words: `Event[]`, `string`, `{ event, ok }`. */
function typeText(schema: JsonSchema): string {
  const {
    $ref,
    type,
    items,
    properties,
    enum: values,
    anyOf,
    const: only,
    allOf,
  } = schema as {
    readonly $ref?: string
    readonly type?: string
    readonly items?: JsonSchema
    readonly properties?: Readonly<Record<string, JsonSchema>>
    readonly enum?: readonly unknown[]
    readonly anyOf?: readonly JsonSchema[]
    readonly allOf?: readonly JsonSchema[]
    readonly const?: unknown
  }
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf('/') + 1)
  if (values !== undefined) return values.join(' | ')
  if (only !== undefined) return JSON.stringify(only)
  if (anyOf !== undefined) return anyOf.map(typeText).join(' | ')
  if (allOf !== undefined) return allOf.map(typeText).join(' & ')
  if (items !== undefined) return `${typeText(items)}[]`
  if (properties !== undefined && Object.keys(properties).length > 0)
    return `{ ${Object.keys(properties).join(', ')} }`
  return type ?? 'any'
}

/** Text in which backticks mark code. */
const prose = (text: string): Markup[] =>
  text
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))

const anchor = (name: string): string => name.toLowerCase().replaceAll(' ', '-')
