import { expect, it } from 'vitest'
import { telegram } from '../../src/channels/telegram.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { fakeService } from './fake-service.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { acknowledged, attempt, firing, resolved } from './notifications.ts'

const secrets = { TELEGRAM_TOKEN: '123:ABC' }
const channelAt = (server: string) =>
  telegram({ server, token: secret('TELEGRAM_TOKEN'), chat: -100_42, thread: 7 })

const asked = (method: string, body: object): Asked => ({
  line: `POST /bot123:ABC/${method}`,
  headers: { 'content-type': 'application/json' },
  body: { chat_id: -100_42, ...body },
})
const show = { text: 'Show', url: 'https://hub.example.org/alerts/nas' }
const buttons = [
  show,
  { text: 'Acknowledge', url: 'https://hub.example.org/do/ack-1' },
  { text: 'Silence', url: 'https://hub.example.org/do/silence-1' },
]
const content = (text: string, row: object[]) => ({
  text,
  parse_mode: 'HTML',
  link_preview_options: { is_disabled: true },
  reply_markup: { inline_keyboard: [row] },
})
const edit = (text: string, row: object[]): Asked =>
  asked('editMessageText', { message_id: 42, ...content(text, row) })
const reply = (text: string): Asked =>
  asked('sendMessage', {
    message_thread_id: 7,
    text,
    reply_parameters: { message_id: 42, allow_sending_without_reply: true },
  })
const body = 'No answer for &lt;2 min&gt; &amp; more.'
const taken = { status: 200, body: { ok: true, result: { message_id: 42 } } }
const refusal = (description: string) => ({
  status: 400,
  body: { ok: false, error_code: 400, description: `Bad Request: ${description}` },
})

describeHttpChannel('telegram', {
  at: channelAt,
  secrets,
  takes: taken,
  sends: {
    firing: [
      asked('sendMessage', { message_thread_id: 7, ...content(`<b>🔴 nas is down</b>\n${body}`, buttons) }),
    ],
    reminder: [
      edit(`<b>🔴 Still firing, for 3 h: nas is down</b>\n${body}`, buttons),
      reply('🔴 Still firing, for 3 h: nas is down'),
    ],
    acknowledged: [edit(`<b>👀 Acknowledged by ada: nas is down</b>\n${body}`, [show])],
    resolved: [
      edit('<b>✅ Resolved after 3 h: nas is down</b>', [show]),
      reply('✅ Resolved after 3 h: nas is down'),
    ],
  },
  updates: true,
  keyIn: null,
  ownPause: {
    answer: {
      status: 429,
      body: { ok: false, error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 9 } },
    },
    ms: 9_000,
  },
  limit: { of: ({ body: sent }) => (sent as JsonObject)['text'], most: 4_096 + 7, in: 'characters' },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})

it('takes it for success that nothing was to be changed', async () => {
  const { url } = await fakeService(refusal('message is not modified: the new content is the same'))
  const told = await tellTo(channelAt(url), acknowledged, attempt(secrets, { handle: { message: 42 } }))
  expect(told).toMatchObject({ kind: 'told', isUpdate: true, handle: { message: 42 } })
})

it('sends a new message when somebody has deleted the first', async () => {
  const service = await fakeService(refusal('message to edit not found'), {
    status: 200,
    body: { ok: true, result: { message_id: 43 } },
  })
  const told = await tellTo(channelAt(service.url), resolved, attempt(secrets, { handle: { message: 42 } }))
  expect(told).toMatchObject({ kind: 'told', isUpdate: false, handle: { message: 43 } })
  expect(service.asked.map(({ line }) => line)).toEqual([
    'POST /bot123:ABC/editMessageText',
    'POST /bot123:ABC/sendMessage',
  ])
})

it('gives up for a chat that does not exist', async () => {
  const { url } = await fakeService(refusal('chat not found'))
  expect(await tellTo(channelAt(url), firing, attempt(secrets))).toEqual({
    kind: 'gone',
    reason: expect.stringContaining('chat not found'),
  })
})
