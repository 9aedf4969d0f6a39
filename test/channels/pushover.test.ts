import { expect, it } from 'vitest'
import { openChannels } from '../../src/channels/open.ts'
import { pushover } from '../../src/channels/pushover.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { fakeService } from './fake-service.ts'
import type { Answer, Asked } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { attempt, firing } from './notifications.ts'

const TAG = 'PjVrHRMvIetv7679UMEJ6LTvxJqdimVN'
const secrets = { PUSHOVER_TOKEN: 'tok3n', PUSHOVER_USER: 'us3r' }
const channelAt = (server: string) =>
  pushover({ server, token: secret('PUSHOVER_TOKEN'), user: secret('PUSHOVER_USER') })

const headers = { 'content-type': 'application/x-www-form-urlencoded' }
const post = (fields: object): Asked => ({
  line: 'POST /1/messages.json',
  headers,
  body: {
    token: 'tok3n',
    user: 'us3r',
    url: 'https://hub.example.org/alerts/nas',
    url_title: 'Show',
    ...fields,
  },
})
const cancel: Asked = {
  line: `POST /1/receipts/cancel_by_tag/${TAG}.json`,
  headers,
  body: { token: 'tok3n' },
}
const message = 'No answer for <2 min> & more.'
const emergency = { priority: '2', retry: '60', expire: '3600', tags: TAG }

describeHttpChannel('pushover', {
  at: channelAt,
  secrets,
  takes: ({ line, body }): Answer => ({
    status: 200,
    body: {
      status: 1,
      request: 'r1',
      ...(line === 'POST /1/messages.json' &&
        (body as JsonObject)['priority'] === '2' && { receipt: 'rcpt1' }),
    },
  }),
  sends: {
    firing: [post({ title: 'nas is down', message, timestamp: '1767323045', ...emergency })],
    reminder: [
      cancel,
      post({
        title: 'Still firing, for 3 h: nas is down',
        message,
        timestamp: '1767333845',
        ...emergency,
      }),
    ],
    acknowledged: [
      cancel,
      post({
        title: 'Acknowledged by ada: nas is down',
        message,
        timestamp: '1767323105',
        priority: '-1',
      }),
    ],
    // The receipt was cancelled with the acknowledgement.
    resolved: [
      post({
        title: 'Resolved after 3 h: nas is down',
        message: 'Resolved after 3 h: nas is down',
        timestamp: '1767333845',
        priority: '0',
      }),
    ],
  },
  updates: false,
  keyIn: null,
  limit: { of: ({ body }) => (body as JsonObject)['message'], most: 1_024, in: 'characters' },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})

it.each([
  [
    { status: 1, acknowledged: 0, expired: 0 },
    { kind: 'open', afterMs: 15_000 },
  ],
  [
    { status: 1, acknowledged: 1, acknowledged_at: 1_767_323_100, acknowledged_by_device: 'phone' },
    { kind: 'acknowledged', by: 'phone', at: 1_767_323_100_000 },
  ],
  [{ status: 1, acknowledged: 0, expired: 1 }, { kind: 'closed' }],
])('reads of a receipt %o that it is %o', async (body, asked) => {
  const service = await fakeService({ status: 200, body })
  const phone = openChannels({ phone: channelAt(service.url) }).get('phone')
  expect(await phone?.ask({ receipt: 'rcpt1' }, attempt(secrets))).toEqual(asked)
  expect(service.asked).toMatchObject([{ line: 'GET /1/receipts/rcpt1.json?token=tok3n' }])
})

it('has nothing to ask for without a receipt, and asks again later when the service is down', async () => {
  const { url, asked } = await fakeService({ status: 502 })
  const phone = openChannels({ phone: channelAt(url) }).get('phone')
  expect(await phone?.ask(null, attempt(secrets))).toEqual({ kind: 'closed' })
  expect(asked).toEqual([])
  expect(await phone?.ask({ receipt: 'rcpt1' }, attempt(secrets))).toMatchObject({ kind: 'later' })
})

it.each([
  { token: 'invalid', errors: ['application token is invalid'], status: 0 },
  { user: 'invalid', errors: ['user identifier is not a valid user'], status: 0 },
])('gives up for a wrong token or user: %o', async (body) => {
  const { url, asked } = await fakeService({ status: 400, body })
  expect(await tellTo(channelAt(url), firing, attempt(secrets))).toEqual({
    kind: 'gone',
    reason: expect.stringContaining(body.errors[0] ?? ''),
  })
  expect(asked).toHaveLength(1)
})

it('does not tell that an alert has ended while it cannot end the ringing', async () => {
  const { url, asked } = await fakeService({ status: 500 })
  const told = await tellTo(channelAt(url), firing, attempt(secrets, { handle: { receipt: 'rcpt1' } }))
  expect(told).toMatchObject({ kind: 'later' })
  expect(asked).toEqual([cancel])
})

it('leads to the page that acknowledges, where the app cannot', async () => {
  const { url, asked } = await fakeService({ status: 200, body: { status: 1, request: 'r1' } })
  const token = secret('PUSHOVER_TOKEN')
  const quiet = pushover({ server: url, token, user: secret('PUSHOVER_USER'), emergency: false })
  await tellTo(quiet, firing, attempt(secrets))
  const { acknowledge, silence } = firing.links
  const long = `${acknowledge}?${'x'.repeat(512)}`
  await tellTo(quiet, { ...firing, links: { acknowledge: long, silence: silence! } }, attempt(secrets))
  expect(asked[0]?.body).toMatchObject({ priority: '1', url: acknowledge, url_title: 'Acknowledge' })
  expect(asked[1]?.body).not.toHaveProperty('url')
})
