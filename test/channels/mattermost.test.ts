import { expect, it } from 'vitest'
import { mattermost } from '../../src/channels/mattermost.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { fakeService } from './fake-service.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { attempt, firing } from './notifications.ts'

const secretsAt = (url: string) => ({ MATTERMOST_URL: `${url}/hooks/h00k` })
const channel = mattermost({ url: secret('MATTERMOST_URL'), channel: 'alerts' })

const post = (title: string, color: string, text: string): Asked => ({
  line: 'POST /hooks/h00k',
  headers: { 'content-type': 'application/json' },
  body: { text: title, channel: 'alerts', attachments: [{ color, fallback: title, text }] },
})
const body = String.raw`No answer for \<2 min\> & more.`
const show = '[Show](https://hub.example.org/alerts/nas)'
const links = [
  show,
  '[Acknowledge](https://hub.example.org/do/ack-1)',
  '[Silence](https://hub.example.org/do/silence-1)',
].join(' · ')

describeHttpChannel('mattermost', {
  at: () => channel,
  secrets: secretsAt,
  takes: { status: 200, body: 'ok' },
  sends: {
    firing: [post('🔴 nas is down', '#d32f2f', `${body}\n\n${links}`)],
    reminder: [post('🔴 Still firing, for 3 h: nas is down', '#d32f2f', `${body}\n\n${links}`)],
    acknowledged: [post('👀 Acknowledged by ada: nas is down', '#757575', `${body}\n\n${show}`)],
    resolved: [post('✅ Resolved after 3 h: nas is down', '#388e3c', show)],
  },
  updates: false,
  keyIn: null,
  limit: {
    of: ({ body: sent }) => ((sent as JsonObject)['attachments'] as JsonObject[])[0]?.['text'],
    most: 3_500,
    in: 'characters',
  },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})

it('calls nobody by what an alert quotes', async () => {
  const { url, asked } = await fakeService({ status: 200, body: 'ok' })
  await tellTo(channel, { ...firing, title: '@channel *now*' }, attempt(secretsAt(url)))
  expect(asked[0]?.body).toMatchObject({ text: '🔴 @\u200Bchannel \\*now\\*' })
})
