import { gotify } from '../../src/channels/gotify.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel } from './http-channel.ts'

const text = 'No answer for <2 min> & more.'
const show = 'Show: https://hub.example.org/alerts/nas'
const act = 'Acknowledge: https://hub.example.org/do/ack-1\nSilence: https://hub.example.org/do/silence-1'
const message = `${text}\n\n${show}\n${act}`
const extras = { 'client::notification': { click: { url: 'https://hub.example.org/alerts/nas' } } }
const post = (body: object): Asked => ({
  line: 'POST /push/message',
  headers: { 'x-gotify-key': 'A1b2', 'content-type': 'application/json' },
  body: { ...body, extras },
})

describeHttpChannel('gotify', {
  at: (url) => gotify({ server: `${url}/push/`, token: secret('GOTIFY_TOKEN') }),
  secrets: { GOTIFY_TOKEN: 'A1b2' },
  takes: { status: 200, body: { id: 12, appid: 1 } },
  sends: {
    firing: [post({ title: 'nas is down', message, priority: 8 })],
    reminder: [post({ title: 'Still firing, for 3 h: nas is down', message, priority: 8 })],
    acknowledged: [
      post({ title: 'Acknowledged by ada: nas is down', message: `${text}\n\n${show}`, priority: 1 }),
    ],
    resolved: [
      post({
        title: 'Resolved after 3 h: nas is down',
        message: show,
        priority: 4,
      }),
    ],
  },
  updates: false,
  keyIn: null,
  limit: { of: ({ body }) => (body as JsonObject)['message'], most: 16_384, in: 'bytes' },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})
