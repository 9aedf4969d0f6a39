import { expect, it } from 'vitest'
import { matrix } from '../../src/channels/matrix.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel } from './http-channel.ts'

const secrets = { MATRIX_TOKEN: 'syt_1' }
const channelAt = (server: string) =>
  matrix({ server, token: secret('MATRIX_TOKEN'), room: '!abc:example.org' })

const put = (transaction: string, body: object): Asked => ({
  line: `PUT /_matrix/client/v3/rooms/!abc%3Aexample.org/send/m.room.message/${transaction}`,
  headers: { authorization: 'Bearer syt_1', 'content-type': 'application/json' },
  body,
})
const links = {
  text: [
    'Show: https://hub.example.org/alerts/nas',
    'Acknowledge: https://hub.example.org/do/ack-1',
    'Silence: https://hub.example.org/do/silence-1',
  ].join('\n'),
  html: [
    '<a href="https://hub.example.org/alerts/nas">Show</a>',
    '<a href="https://hub.example.org/do/ack-1">Acknowledge</a>',
    '<a href="https://hub.example.org/do/silence-1">Silence</a>',
  ].join(' · '),
}
const show = {
  text: 'Show: https://hub.example.org/alerts/nas',
  html: '<a href="https://hub.example.org/alerts/nas">Show</a>',
}
const plain = 'No answer for <2 min> & more.'
const html = 'No answer for &lt;2 min&gt; &amp; more.'

const text = (body: string, formatted: string) => ({
  msgtype: 'm.text',
  body,
  format: 'org.matrix.custom.html',
  formatted_body: formatted,
  'm.mentions': {},
})
const edit = (content: ReturnType<typeof text>) => ({
  ...content,
  body: `* ${content.body}`,
  'm.new_content': content,
  'm.relates_to': { rel_type: 'm.replace', event_id: '$1' },
})
const reply = (body: string) => ({
  msgtype: 'm.text',
  body,
  'm.mentions': {},
  'm.relates_to': { 'm.in_reply_to': { event_id: '$1' } },
})
const still = '🔴 Still firing, for 3 h: nas is down'

describeHttpChannel('matrix', {
  at: channelAt,
  secrets,
  takes: { status: 200, body: { event_id: '$1' } },
  sends: {
    firing: [
      put(
        'dhnoS6JVaZef7wBHna7DBEv69tB7IKsm',
        text(
          `🔴 nas is down\n\n${plain}\n\n${links.text}`,
          `<b>🔴 nas is down</b><br>${html}<br>${links.html}`,
        ),
      ),
    ],
    reminder: [
      put(
        'T3sunOkFaBwopLj0hdlbYxOUEtmvtXBF',
        edit(text(`${still}\n\n${plain}\n\n${links.text}`, `<b>${still}</b><br>${html}<br>${links.html}`)),
      ),
      put('FDIJsOwBPZlZ4MJeLebQURKNEIMITYJi', reply(still)),
    ],
    acknowledged: [
      put(
        'tvHkb1aZ-aYZ8nMh0NW3Ct9P7uyGnkgz',
        edit(
          text(
            `👀 Acknowledged by ada: nas is down\n\n${plain}\n\n${show.text}`,
            `<b>👀 Acknowledged by ada: nas is down</b><br>${html}<br>${show.html}`,
          ),
        ),
      ),
    ],
    resolved: [
      put(
        'vrXC6lNVoGxrQqNC3JfBfETYzVZy5Kam',
        edit(
          text(
            `✅ Resolved after 3 h: nas is down\n\n${show.text}`,
            `<b>✅ Resolved after 3 h: nas is down</b><br>${show.html}`,
          ),
        ),
      ),
      put('bUClhigZ2Ab6AFprL0OlcZLedqnixG1M', reply('✅ Resolved after 3 h: nas is down')),
    ],
  },
  updates: true,
  keyIn: ({ line }) => line,
  ownPause: {
    answer: { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too many', retry_after_ms: 2_500 } },
    ms: 2_500,
  },
  limit: { of: ({ body }) => (body as JsonObject)['body'], most: 4_096, in: 'bytes' },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})

it('refuses the alias of a room with a sentence', () => {
  expect(() =>
    matrix({ server: 'https://example.org', token: secret('T'), room: '#alerts:example.org' as never }),
  ).toThrow(`matrix({ … }): room: expected the id of a room, such as '!abc:example.org'`)
})
