import { expect, it } from 'vitest'
import { apprise } from '../../src/channels/apprise.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { fakeService } from './fake-service.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { attempt, firing } from './notifications.ts'

const secrets = { APPRISE_KEY: 'k3y' }
const channelAt = (server: string) => apprise({ server, key: secret('APPRISE_KEY'), tag: 'family' })

const post = (type: string, title: string, ...parts: string[]): Asked => ({
  line: 'POST /notify/k3y',
  headers: { 'content-type': 'application/json' },
  body: { title, body: parts.join('\n\n'), type, format: 'text', tag: 'family' },
})
const body = 'No answer for <2 min> & more.'
const show = 'Show: https://hub.example.org/alerts/nas'
const links = [
  show,
  'Acknowledge: https://hub.example.org/do/ack-1',
  'Silence: https://hub.example.org/do/silence-1',
].join('\n')

describeHttpChannel('apprise', {
  at: channelAt,
  secrets,
  takes: { status: 200, body: { error: null } },
  sends: {
    firing: [post('failure', 'nas is down', body, links)],
    reminder: [post('failure', 'Still firing, for 3 h: nas is down', body, links)],
    acknowledged: [post('info', 'Acknowledged by ada: nas is down', body, show)],
    resolved: [post('success', 'Resolved after 3 h: nas is down', show)],
  },
  updates: false,
  keyIn: null,
  limit: { of: ({ body: sent }) => (sent as JsonObject)['body'], most: 10_000, in: 'characters' },
  // Nothing is kept under the key.
  empty: { 200: 'told', 202: 'told', 204: 'gone' },
})

it('tries again when one of the services behind it did not take the message', async () => {
  const { url } = await fakeService({ status: 424, body: { error: 'One or more failed' } })
  expect(await tellTo(channelAt(url), firing, attempt(secrets))).toMatchObject({ kind: 'later' })
})
