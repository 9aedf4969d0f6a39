import { expect, it } from 'vitest'
import { discord } from '../../src/channels/discord.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { fakeService } from './fake-service.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { attempt, resolved } from './notifications.ts'

const secretsAt = (url: string) => ({ DISCORD_URL: `${url}/api/webhooks/1/t0ken` })
const channel = discord({ url: secret('DISCORD_URL'), thread: '77' })

const headers = { 'content-type': 'application/json' }
const message = (content: string, ...embeds: object[]) => ({
  content,
  embeds,
  allowed_mentions: { parse: [] },
})
const post = (body: object): Asked => ({
  line: 'POST /api/webhooks/1/t0ken?wait=true&thread_id=77',
  headers,
  body,
})
const patch = (body: object): Asked => ({
  line: 'PATCH /api/webhooks/1/t0ken/messages/42?thread_id=77',
  headers,
  body,
})
const body = String.raw`No answer for \<2 min\> & more.`
const show = '[Show](https://hub.example.org/alerts/nas)'
const links = [
  show,
  '[Acknowledge](https://hub.example.org/do/ack-1)',
  '[Silence](https://hub.example.org/do/silence-1)',
].join(' · ')
const red = { description: `${body}\n\n${links}`, color: 0xd3_2f_2f }

describeHttpChannel('discord', {
  at: () => channel,
  secrets: secretsAt,
  takes: { status: 200, body: { id: '42' } },
  sends: {
    firing: [post(message('🔴 nas is down', red))],
    reminder: [
      patch(message('🔴 Still firing, for 3 h: nas is down', red)),
      post(message('🔴 Still firing, for 3 h: nas is down')),
    ],
    acknowledged: [
      patch(
        message('👀 Acknowledged by ada: nas is down', {
          description: `${body}\n\n${show}`,
          color: 0x75_75_75,
        }),
      ),
    ],
    resolved: [
      patch(message('✅ Resolved after 3 h: nas is down', { description: show, color: 0x38_8e_3c })),
      post(message('✅ Resolved after 3 h: nas is down')),
    ],
  },
  updates: true,
  keyIn: null,
  ownPause: {
    answer: { status: 429, body: { message: 'You are being rate limited.', retry_after: 1.5 } },
    ms: 1_500,
  },
  limit: {
    of: ({ body: sent }) => ((sent as JsonObject)['embeds'] as JsonObject[])[0]?.['description'],
    most: 4_096,
    in: 'characters',
  },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})

it.each([
  [10_008, 'Unknown Message', { kind: 'told', isUpdate: false, handle: { message: '43' } }],
  [10_015, 'Unknown Webhook', { kind: 'gone' }],
])('tells a deleted message from a deleted webhook: %i', async (code, words, expected) => {
  const { url } = await fakeService(
    { status: 404, body: { code, message: words } },
    { status: 200, body: { id: '43' } },
  )
  const told = await tellTo(channel, resolved, attempt(secretsAt(url), { handle: { message: '42' } }))
  expect(told).toMatchObject(expected)
})
