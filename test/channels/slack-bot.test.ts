import { expect, it } from 'vitest'
import { slackBot } from '../../src/channels/slack-bot.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { fakeService } from './fake-service.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { attempt, firing, resolved } from './notifications.ts'
import { slackMessages } from './slack-messages.ts'

const secrets = { SLACK_TOKEN: 'xoxb-1' }
const channelAt = (server: string) => slackBot({ server, token: secret('SLACK_TOKEN'), channel: '#alerts' })
const handle = { channel: 'C1', ts: '17.42' }

const asked = (method: string, body: object): Asked => ({
  line: `POST /api/${method}`,
  headers: { authorization: 'Bearer xoxb-1', 'content-type': 'application/json' },
  body,
})
const update = (message: object): Asked => asked('chat.update', { ...handle, ...message })
const reply = (text: string): Asked =>
  asked('chat.postMessage', { channel: 'C1', thread_ts: '17.42', reply_broadcast: true, text })

describeHttpChannel('slackBot', {
  at: channelAt,
  secrets,
  takes: { status: 200, body: { ok: true, ...handle } },
  sends: {
    firing: [asked('chat.postMessage', { channel: '#alerts', ...slackMessages.firing })],
    reminder: [update(slackMessages.reminder), reply('🔴 Still firing, for 3 h: nas is down')],
    acknowledged: [update(slackMessages.acknowledged)],
    resolved: [update(slackMessages.resolved), reply('✅ Resolved after 3 h: nas is down')],
  },
  updates: true,
  keyIn: null,
  limit: {
    of: ({ body }) =>
      (body as { attachments: { blocks: { text: JsonObject }[] }[] }).attachments[0]?.blocks[0]?.text['text'],
    most: 3_000,
    in: 'characters',
  },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})

it.each([
  ['ratelimited', 'later'],
  ['msg_too_long', 'bad'],
  ['invalid_auth', 'gone'],
  ['not_in_channel', 'gone'],
])('takes the refusal %s, which has the status 200, for %s', async (error, kind) => {
  const { url } = await fakeService({ status: 200, body: { ok: false, error } })
  expect(await tellTo(channelAt(url), firing, attempt(secrets))).toEqual({
    kind,
    reason: expect.stringContaining(error),
  })
})

it('posts anew when somebody has deleted the first message', async () => {
  const service = await fakeService(
    { status: 200, body: { ok: false, error: 'message_not_found' } },
    { status: 200, body: { ok: true, channel: 'C1', ts: '18.1' } },
  )
  const told = await tellTo(channelAt(service.url), resolved, attempt(secrets, { handle }))
  expect(told).toMatchObject({ kind: 'told', isUpdate: false, handle: { channel: 'C1', ts: '18.1' } })
})
