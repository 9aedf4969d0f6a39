// Covers `src/channels/notification-json.ts` and `src/channels/template.ts`.

import { expect, it } from 'vitest'
import { webhook } from '../../src/channels/webhook.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import { fakeService } from './fake-service.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { acknowledged, attempt, firing, reminder, resolved } from './notifications.ts'

const post = (key: string, notification: object): Asked => ({
  line: 'PUT /alerts',
  headers: {
    authorization: 'Bearer h00k',
    'x-from': 'vigie',
    'content-type': 'application/json',
    'idempotency-key': key,
  },
  body: { ...notification, since: '2026-01-02T03:04:05.000Z' },
})
const alertsOf = ({ alerts }: typeof firing) =>
  alerts.map((alert) => Object.assign({}, alert, { since: '2026-01-02T03:04:05.000Z' }))

describeHttpChannel('webhook', {
  at: (url) =>
    webhook({
      url: `${url}/alerts`,
      method: 'put',
      headers: { 'X-From': 'vigie' },
      auth: { bearer: secret('HOOK_TOKEN') },
    }),
  secrets: { HOOK_TOKEN: 'h00k' },
  takes: { status: 200 },
  sends: {
    firing: [post('telling-firing', { ...firing, at: '2026-01-02T03:04:05.000Z', alerts: alertsOf(firing) })],
    reminder: [
      post('telling-reminder', {
        ...reminder,
        at: '2026-01-02T06:04:05.000Z',
        alerts: alertsOf(reminder),
      }),
    ],
    acknowledged: [
      post('telling-acknowledged', {
        ...acknowledged,
        at: '2026-01-02T03:05:05.000Z',
        alerts: alertsOf(acknowledged),
      }),
    ],
    resolved: [
      post('telling-resolved', {
        ...resolved,
        at: '2026-01-02T06:04:05.000Z',
        alerts: alertsOf(resolved),
      }),
    ],
  },
  updates: false,
  keyIn: ({ headers }) => headers['idempotency-key'],
  limit: { of: ({ body }) => (body as typeof firing).body, most: 100_000, in: 'characters' },
  empty: { 200: 'told', 202: 'told', 204: 'told' },
})

it.each([
  [
    { json: { text: '{title}: {body}', tags: ['{severity}', '{key}', 1] } },
    { text: 'nas is down: No answer for <2 min> & more.', tags: ['critical', 'nas', 1] },
  ],
  [
    { form: { message: '{title} ({state}, {count}×)', link: '{show}' } },
    { message: 'nas is down (firing, 1×)', link: 'https://hub.example.org/alerts/nas' },
  ],
  [{ text: '{"a":1} {title} since {since}' }, '{"a":1} nas is down since 2026-01-02T03:04:05.000Z'],
])('fills the body %o', async (body, sent) => {
  const { url, asked } = await fakeService({ status: 200 })
  await tellTo(webhook({ url, body }), firing, attempt({}))
  expect(asked[0]?.body).toEqual(sent)
})

it('quotes in a title cannot break a body of JSON', async () => {
  const { url, asked } = await fakeService({ status: 200 })
  const spec = webhook({ url, body: { json: { text: '{title}' } } })
  await tellTo(spec, { ...firing, title: '", "admin": "true' }, attempt({}))
  expect(asked[0]?.body).toEqual({ text: '", "admin": "true' })
})

it.each([
  [
    { url: 'http://127.0.0.1/', body: { text: '{titel}' } },
    'there is no placeholder {titel}; did you mean {title}?',
  ],
  [
    { url: 'http://127.0.0.1/', body: { json: { at: '{when}' } } },
    'there is no placeholder {when}; there are: id, ',
  ],
  [{ url: 'http://127.0.0.1/', body: { json: { key: secret('KEY') } } }, 'expected { json: … }'],
  [
    { url: 'http://127.0.0.1/', headers: { 'X-Key': 1 } },
    'headers["X-Key"]: expected a text, secret(\'NAME\')',
  ],
  [{ url: 'http://127.0.0.1/', urk: 1 }, 'there is no option "urk"; did you mean "url"?'],
])('refuses %o with a sentence', (options, sentence) => {
  expect(() => webhook(options as never)).toThrow(sentence)
})
