import { signal } from '../../src/channels/signal.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel } from './http-channel.ts'

const post = (...parts: string[]): Asked => ({
  line: 'POST /v2/send',
  headers: { authorization: 'Bearer s1gnal', 'content-type': 'application/json' },
  body: { number: '+33600000001', recipients: ['+33600000002'], message: parts.join('\n\n') },
})
const body = 'No answer for <2 min> & more.'
const show = 'Show: https://hub.example.org/alerts/nas'
const links = [
  show,
  'Acknowledge: https://hub.example.org/do/ack-1',
  'Silence: https://hub.example.org/do/silence-1',
].join('\n')

describeHttpChannel('signal', {
  at: (server) =>
    signal({
      server,
      from: '+33600000001',
      to: ['+33600000002'],
      auth: { bearer: secret('SIGNAL_TOKEN') },
    }),
  secrets: { SIGNAL_TOKEN: 's1gnal' },
  takes: { status: 201, body: { timestamp: '1767323045000' } },
  sends: {
    firing: [post('🔴 nas is down', body, links)],
    reminder: [post('🔴 Still firing, for 3 h: nas is down', body, links)],
    acknowledged: [post('👀 Acknowledged by ada: nas is down', body, show)],
    resolved: [post('✅ Resolved after 3 h: nas is down', show)],
  },
  updates: false,
  keyIn: null,
  limit: { of: ({ body: sent }) => (sent as JsonObject)['message'], most: 2_000, in: 'characters' },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})
