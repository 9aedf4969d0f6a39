// Covers `src/channels/http.ts`, `src/channels/words.ts`, `src/model/notification.ts`.

import { expect, it } from 'vitest'
import { ntfy } from '../../src/channels/ntfy.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Asked } from './fake-service.ts'
import { fakeService } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { attempt, firing, resolved } from './notifications.ts'

const SEQUENCE = 'PjVrHRMvIetv7679UMEJ6LTvxJqdimVN'
const headers = { authorization: 'Bearer tk_secret', 'content-type': 'application/json' }
const post = (body: object): Asked => ({ line: 'POST /', headers, body })

const common = { topic: 'home-4711', sequence_id: SEQUENCE, click: 'https://hub.example.org/alerts/nas' }
const show = { action: 'view', label: 'Show', url: 'https://hub.example.org/alerts/nas' }
const actions = [
  show,
  {
    action: 'http',
    label: 'Acknowledge',
    url: 'https://hub.example.org/do/ack-1',
    method: 'POST',
    clear: true,
  },
  {
    action: 'http',
    label: 'Silence',
    url: 'https://hub.example.org/do/silence-1',
    method: 'POST',
    clear: true,
  },
]
const message = 'No answer for <2 min> & more.'

describeHttpChannel('ntfy', {
  at: (server) => ntfy({ server, topic: 'home-4711', auth: { bearer: secret('NTFY_TOKEN') } }),
  secrets: { NTFY_TOKEN: 'tk_secret' },
  takes: ({ body }) => ({
    status: 200,
    body: { id: 'm1', event: 'message', sequence_id: (body as JsonObject)['sequence_id'] },
  }),
  sends: {
    firing: [
      post({ ...common, title: 'nas is down', message, priority: 5, tags: ['rotating_light'], actions }),
    ],
    reminder: [
      post({
        ...common,
        title: 'Still firing, for 3 h: nas is down',
        message,
        priority: 5,
        tags: ['rotating_light'],
        actions,
      }),
    ],
    acknowledged: [
      post({
        ...common,
        title: 'Acknowledged by ada: nas is down',
        message,
        priority: 2,
        tags: ['eyes'],
        actions: [show],
      }),
    ],
    resolved: [
      post({
        ...common,
        message: 'Resolved after 3 h: nas is down',
        priority: 3,
        tags: ['white_check_mark'],
        actions: [show],
      }),
    ],
  },
  updates: true,
  keyIn: ({ body }) => (body as JsonObject)['sequence_id'],
  limit: { of: ({ body }) => (body as JsonObject)['message'], most: 4_096, in: 'bytes' },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})

it('notices a server that shows a second message, because it is older than 2.16', async () => {
  const { url } = await fakeService({ status: 200, body: { id: 'm1', event: 'message' } })
  const spec = ntfy({ server: url, topic: 'home' })
  const first = await tellTo(spec, firing, attempt({}))
  expect(first).toMatchObject({ kind: 'told', handle: { replaces: false }, isUpdate: false })
  const second = await tellTo(spec, resolved, attempt({}, { handle: { replaces: false } }))
  expect(second).toMatchObject({ kind: 'told', isUpdate: false })
})

it.each([
  [{ topik: 'home' }, 'there is no option "topik"; did you mean "topic"?'],
  [{ topic: 'home', server: 'push.example.org' }, `server: expected an address such as`],
  [{ topic: 'home', server: 'https://me:word@push.example.org' }, `server: expected an address such as`],
  [{ topic: 'home', auth: { bearer: 'tk_secret' } }, "expected { bearer: secret('NAME') }"],
  [{}, "topic: expected a text, secret('NAME'), or an array of these"],
])('refuses %o with a sentence', (options, sentence) => {
  expect(() => ntfy(options as never)).toThrow(TypeError)
  expect(() => ntfy(options as never)).toThrow(sentence)
  expect(() => ntfy(options as never)).not.toThrow(/tk_secret|me:word/)
})
