import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import { openAlertWebhooks } from '../../src/channels/alert-webhook.ts'
import type { AlertChannel } from '../../src/model/alert-channel.ts'
import { desk, doorEvent, manner } from '../actions/attempt.ts'

/** A server that answers each request with the next of these, and says what it was asked. */
async function server(...answers: readonly number[]) {
  const bodies: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    bodies.push(await text(request))
    response.writeHead(answers[bodies.length - 1] ?? 500).end()
  }
  const http = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void http.close())
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`, bodies }
}

const channel = (url: string): AlertChannel => ({
  kind: 'webhook',
  name: 'phone',
  request: { url, method: 'POST', headers: {} },
  retry: { attempts: 3, minMs: 1, maxMs: 1 },
})

const report = { key: 'door', state: 'firing', title: 'The door is open' }

function tell(url: string, name = 'phone') {
  const event = { ...doorEvent, topic: 'vigie/alerts/door', payload: Buffer.from(JSON.stringify(report)) }
  const { context } = desk(
    { event },
    { channels: openAlertWebhooks([channel(url)]), last: () => event.payload },
  )
  return perform({ kind: 'notify', channel: name, ...manner, onFailure: [] }, context)
}

it('sends the report of the alert as the body of the request', async () => {
  const { url, bodies } = await server(200)
  expect(await tell(url)).toMatchObject({ kind: 'done', result: { channel: 'phone', status: 200 } })
  expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([report])
})

it('is told again after an answer that may pass, and not after one that will not', async () => {
  const { url } = await server(503, 404)
  expect(await tell(url)).toMatchObject({
    kind: 'retry',
    reason: expect.stringContaining('the alert channel "phone": '),
  })
  expect(await tell(url)).toMatchObject({ kind: 'give-up' })
})

it('is given up by name where the configuration has it no more', async () => {
  expect(await tell('http://127.0.0.1:9/', 'pager')).toEqual({
    kind: 'give-up',
    reason: 'there is no alert channel "pager" any more',
  })
})
