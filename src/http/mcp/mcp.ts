// A read-only endpoint of the Model Context Protocol, so that an assistant can be asked why something did not happen.
// Each tool asks the hub's own API in the name of whoever asks, so that the same permissions hold. Without state:
// each request has a server of its own.

import { HTTPException } from 'hono/http-exception'
import { version } from '../../base/version.ts'
import { boundedBytes } from '../body.ts'
import { refuseOtherOrigins } from '../callers/origins.ts'
import { Reply, route } from '../route.ts'
import type { HttpContext, Resource } from '../route.ts'
import { TOOLS } from './tools.ts'
import type { Given } from './tools.ts'

/** Asks the hub's API; with the headers and the connection of the request that is being answered. */
export type AskApi = (path: string, context: HttpContext) => Promise<Response>

/** Loads the SDK; `undefined` when the optional package is not installed. */
export type LoadSdk = () => Promise<Sdk | undefined>

type Sdk = Awaited<ReturnType<typeof importSdk>>

/** What one answer may have, in characters: assistants read no more. */
const LONGEST_ANSWER = 200_000

/** A question is a few words, in bytes. */
const LARGEST_QUESTION = 65_536

const PACKAGE = '@modelcontextprotocol/sdk'

export const mcpRoutes = (ask: AskApi, load: LoadSdk = loadSdk): Resource => ({
  name: 'MCP',
  about: 'For assistants: the Model Context Protocol over streamable HTTP. See `docs/mcp.md`.',
  routes: [
    route(
      {
        method: 'POST',
        path: '/mcp',
        summary: 'Speak the Model Context Protocol',
        about: `Read-only tools: ${TOOLS.map(({ name }) => `\`${name}\``).join(', ')}.`,
        needs: 'read',
        raw: { says: 'A message of JSON-RPC.', type: 'application/json' },
        answers: {
          200: { says: 'The answer, as a message of JSON-RPC.' },
          202: { says: 'A notification was taken.' },
          501: `The optional package ${PACKAGE} is not installed.`,
        },
      },
      async ({ context }) => {
        refuseOtherOrigins(context)
        const sdk = await load()
        if (sdk === undefined)
          throw new HTTPException(501, {
            message: `The package ${PACKAGE} is not installed: run "npm install ${PACKAGE}@1" where vigie is.`,
          })
        return answer(sdk, context, ask)
      },
    ),
    ...(['GET', 'DELETE'] as const).map((method) =>
      route(
        {
          method,
          path: '/mcp',
          summary: 'Refuse what needs a session: this endpoint has none',
          needs: 'read',
          answers: { 405: 'Only POST is answered.' },
        },
        () =>
          new Reply(405, { error: 'Only POST is answered here: there are no sessions.' }, { Allow: 'POST' }),
      ),
    ),
  ],
})

async function answer(
  { McpServer, WebStandardStreamableHTTPServerTransport: Transport }: Sdk,
  context: HttpContext,
  ask: AskApi,
): Promise<Response> {
  const server = new McpServer({ name: 'vigie', version: version() })
  for (const { name, title, about, takes, path } of TOOLS)
    server.registerTool(
      name,
      {
        title,
        description: about,
        inputSchema: takes,
        annotations: { readOnlyHint: true, openWorldHint: false },
      },
      async (given) => {
        const answered = await ask(path(given as Given), context)
        const text = await answered.text()
        const isCut = text.length > LONGEST_ANSWER
        const cut = `${text.slice(0, LONGEST_ANSWER)}\n… (${text.length - LONGEST_ANSWER} more characters; ask for less)`
        return { content: [{ type: 'text', text: isCut ? cut : text }], isError: !answered.ok }
      },
    )
  const transport = new Transport({ enableJsonResponse: true })
  await server.connect(transport)
  const { raw } = context.req
  const bytes = await boundedBytes(raw.body, LARGEST_QUESTION)
  return transport.handleRequest(
    new Request(raw.url, { method: 'POST', headers: raw.headers, body: new Uint8Array(bytes) }),
  )
}

async function importSdk() {
  const [{ McpServer }, { WebStandardStreamableHTTPServerTransport }] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/mcp.js'),
    import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'),
  ])
  return { McpServer, WebStandardStreamableHTTPServerTransport }
}

async function loadSdk(): Promise<Sdk | undefined> {
  try {
    return await importSdk()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}
