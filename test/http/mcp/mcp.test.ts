// The MCP endpoint, asked by the SDK's own client.
//
// Covers `src/http/mcp/tools.ts`, `src/http/api/explain.ts`, `src/engine/inspect/explaining.ts`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { connectAsync } from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import { mcpRoutes } from '../../../src/http/mcp/mcp.ts'
import type { LoadSdk } from '../../../src/http/mcp/mcp.ts'
import { serve } from '../../../src/http/serve.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { admitAll } from '../open.ts'

test('an assistant asks a hub what happened, why, and what would have happened', async () => {
  const folder = temporaryFolder()
  const rules = join(folder, 'rules')
  mkdirSync(rules)
  writeFileSync(
    join(rules, 'door.ts'),
    `import { publish, rule } from 'vigie'
    export default rule('door', {
      on: 'doors/+name', when: ({ payload }) => payload === 'open', do: () => [publish('bell', 'ring')],
    })\n`,
  )
  const hub = await startHubProcess(['--data', join(folder, 'data'), '--rules', rules])
  const device = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`)
  onTestFinished(() => device.endAsync(true))
  await device.publishAsync('doors/front', 'shut', { qos: 1 })
  await device.publishAsync('doors/front', 'open', { qos: 1 })

  const assistant = new Client({ name: 'assistant', version: '1' })
  await assistant.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${hub.http}/mcp`)))
  onTestFinished(() => assistant.close())
  const { tools } = await assistant.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['status', 'history', 'why', 'explain', 'backtest', 'runs'])
  expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true)

  const ask = async (name: string, given: Record<string, unknown> = {}) => {
    const { content, isError } = (await assistant.callTool({ name, arguments: given })) as {
      readonly content: readonly { readonly text: string }[]
      readonly isError?: boolean
    }
    return { isError: isError === true, value: JSON.parse(content[0]!.text) as never }
  }
  expect((await ask('status')).value).toMatchObject({ health: { ok: true } })
  await expect
    .poll(async () => (await ask('runs', { rule: 'door' })).value, { timeout: 10_000 })
    .toHaveLength(1)
  const events = (await ask('history', { filter: 'doors/#' })).value as { id: number; payload: string }[]
  expect(events.map(({ payload }) => payload)).toEqual(['open', 'shut'])
  expect((await ask('why', { id: events[1]!.id })).value).toMatchObject({
    skips: [{ rule: 'door', stage: 'when' }],
  })
  expect((await ask('explain', { topic: 'doors/back', payload: 'shut' })).value).toMatchObject({
    rules: [{ rule: 'door', verdict: { stage: 'when' }, fires: '' }],
  })
  expect((await ask('backtest', { rule: 'door' })).value).toMatchObject({
    would: 1,
    did: 1,
    verdicts: { when: 1 },
  })
  expect(await ask('why', { id: 999_999 })).toEqual({
    isError: true,
    value: { error: 'There is no event 999999 in the history.' },
  })
  expect(hub.noise).toEqual([])
}, 60_000)

/** The endpoint over an API that answers with what it was asked. */
function endpoint(load?: LoadSdk) {
  const asked: string[] = []
  const app = new Hono()
  const ask = async (path: string): Promise<Response> => {
    asked.push(path)
    return new Response('x'.repeat(300_000))
  }
  app.route('/', serve(mcpRoutes(ask, load), admitAll))
  app.onError((error, context) =>
    context.json({ error: error.message }, error instanceof HTTPException ? error.status : 500),
  )
  const send = (headers: Record<string, string> = {}, method = 'POST', filter = 'a/#') =>
    app.request('http://127.0.0.1:7883/mcp', {
      method,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      ...(method === 'POST' && {
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'history', arguments: { filter, limit: 5 } },
        }),
      }),
    })
  return { send, asked }
}

test('a tool asks the API, and a long answer is cut with a word of it', async () => {
  const { send, asked } = endpoint()
  const answered = (await (await send()).json()) as { result: { content: [{ text: string }] } }
  expect(asked).toEqual(['/api/events?filter=a%2F%23&limit=5'])
  expect(answered.result.content[0].text).toMatch(/^x{200000}\n… \(100000 more characters; ask for less\)$/)
})

test('a page of another origin, a long question, a session, and a hub without the package are refused', async () => {
  expect((await endpoint().send({ origin: 'http://evil.example' })).status).toBe(403)
  expect((await endpoint().send({}, 'POST', 'x'.repeat(70_000))).status).toBe(413)
  expect((await endpoint().send({}, 'GET')).status).toBe(405)
  expect((await endpoint().send({}, 'DELETE')).status).toBe(405)
  const without = await endpoint(async () => undefined).send()
  expect([without.status, await without.json()]).toEqual([
    501,
    { error: expect.stringContaining('npm install @modelcontextprotocol/sdk@1') },
  ])
})
