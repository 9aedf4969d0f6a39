// How the channels of alerts are told, by the hub's own rule (src/rules/alert-rule.ts).
//
// Covers `src/rules/alert-rule.ts`, `src/actions/notify.ts`.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { AlertChannel } from '../../src/model/alert-channel.ts'
import { SmallHub } from './small-hub.ts'

const RULES = `
  import { alert, rule } from 'vigie'
  export const raise = rule('raise', {
    on: 'door/open', mode: 'single', do: () => [alert({ key: 'door', title: 'The door is open' })],
  })
  export const close = rule('close', {
    on: 'door/closed', do: () => [alert({ key: 'door', title: 'The door is closed', resolve: true })],
  })`

let hub: SmallHub
beforeEach(() => {
  hub = new SmallHub({ 'door.ts': RULES })
})
afterEach(() => hub.remove())

/** A receiver that is not up yet, on an address that is known. */
async function phone(status = 200) {
  const bodies: unknown[] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = await request.toArray()
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()))
    response.writeHead(status).end()
  }
  const server = createServer((request, response) => void take(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const down = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const up = async (): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  onTestFinished(down)
  const channel: AlertChannel = {
    kind: 'webhook',
    name: 'phone',
    request: { url: `http://127.0.0.1:${port}/`, method: 'POST', headers: {} },
    retry: { attempts: 10_000, minMs: 20, maxMs: 50 },
  }
  return { bodies, channel, up, down }
}

const ends = (): number => hub.published.filter(({ topic }) => topic === 'vigie/runs/@alerts').length

test('a channel is told what the message says, and the rule that raised the alert does not wait for it', async () => {
  const { bodies, channel } = await phone()
  await hub.start({ alertChannels: [channel] })
  const { run } = await hub.runOf('raise', await hub.send('door/open'))
  expect(run.state).toBe('done')
  await hub.message('vigie/runs/@alerts')
  const report = await hub.message('vigie/alerts/door')
  expect(bodies).toEqual([report])
  expect(report).toMatchObject({ key: 'door', state: 'firing', count: 1, rule: 'raise' })
  expect((await hub.engine.status()).now?.rules).toEqual(['close', 'raise'])
})

test('what was resolved while nobody could be told is told once, as resolved', async () => {
  const { bodies, channel, down, up } = await phone()
  await down()
  await hub.start({ alertChannels: [channel] })
  for (let time = 1; time <= 3; time++) {
    const { run } = await hub.runOf('raise', await hub.send('door/open'))
    expect(run.state).toBe('done')
  }
  await hub.send('door/closed')
  await hub.message('vigie/alerts/door', ({ state }) => state === 'resolved')
  // Those that have been overtaken end without a word; the last one goes on.
  await hub.until(() => (ends() === 3 ? true : undefined))
  await up()
  await hub.until(() => (ends() === 4 ? true : undefined))
  expect(bodies).toMatchObject([{ key: 'door', state: 'resolved', count: 3 }])
})

test('a channel that refuses is given up at once: its run is dead', async () => {
  const { channel } = await phone(404)
  await hub.start({ alertChannels: [channel] })
  await hub.send('door/open')
  expect(await hub.message('vigie/runs/@alerts')).toMatchObject({
    state: 'dead',
    steps: [
      expect.anything(),
      { attempts: 1, reason: expect.stringMatching(/^the alert channel "phone": POST to .* with 404$/) },
    ],
  })
})
