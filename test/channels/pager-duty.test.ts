import { expect, it } from 'vitest'
import { pagerDuty } from '../../src/channels/pager-duty.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { fakeService } from './fake-service.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { attempt, firing } from './notifications.ts'

const secrets = { PAGERDUTY_KEY: 'R0UTE' }
const channelAt = (server: string) => pagerDuty({ server, key: secret('PAGERDUTY_KEY') })
const taken = { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: 'x' } }

const event = (action: string, more: object = {}): Asked => ({
  line: 'POST /v2/enqueue',
  headers: { 'content-type': 'application/json' },
  body: { routing_key: 'R0UTE', event_action: action, dedup_key: 'vigie/alerts/nas#1', ...more },
})
const trigger = (summary: string): Asked =>
  event('trigger', {
    client: 'vigie',
    client_url: 'https://hub.example.org/alerts/nas',
    links: [
      { href: 'https://hub.example.org/alerts/nas', text: 'Show' },
      { href: 'https://hub.example.org/do/ack-1', text: 'Acknowledge' },
      { href: 'https://hub.example.org/do/silence-1', text: 'Silence' },
    ],
    payload: {
      summary,
      source: 'nas',
      severity: 'critical',
      timestamp: '2026-01-02T03:04:05.000Z',
      class: 'nas-down',
      custom_details: {
        body: 'No answer for <2 min> & more.',
        alerts: [{ key: 'nas', state: 'firing', labels: { room: 'cellar' } }],
      },
    },
  })

describeHttpChannel('pagerDuty', {
  at: channelAt,
  secrets,
  takes: taken,
  sends: {
    firing: [trigger('nas is down')],
    reminder: [trigger('Still firing, for 3 h: nas is down')],
    acknowledged: [event('acknowledge')],
    resolved: [event('resolve')],
  },
  updates: true,
  keyIn: ({ body }) => (body as JsonObject)['dedup_key'],
  limit: {
    of: ({ body }) => (body as { payload: { custom_details: JsonObject } }).payload.custom_details['body'],
    most: 16_384,
    in: 'characters',
  },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})

it('leaves no incident behind a test', async () => {
  const { url, asked } = await fakeService(taken)
  await tellTo(channelAt(url), { ...firing, occasion: 'test' }, attempt(secrets))
  expect(asked.map(({ body }) => (body as JsonObject)['event_action'])).toEqual(['trigger', 'resolve'])
})

it('gives up for a key that nobody knows', async () => {
  const errors = ["Length of 'routing_key' is incorrect (should be 32 characters)"]
  const { url } = await fakeService({ status: 400, body: { status: 'invalid event', errors } })
  expect(await tellTo(channelAt(url), firing, attempt(secrets))).toEqual({
    kind: 'gone',
    reason: expect.stringContaining('routing_key'),
  })
})

it('shortens a key that is longer than the service takes', async () => {
  const { url, asked } = await fakeService(taken)
  await tellTo(channelAt(url), { ...firing, id: 'x'.repeat(256) }, attempt(secrets))
  expect(asked[0]?.body).toMatchObject({ dedup_key: expect.stringMatching(/^[\w-]{32}$/) })
})
