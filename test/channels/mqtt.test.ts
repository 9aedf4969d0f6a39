import { expect, it } from 'vitest'
import { mqtt } from '../../src/channels/mqtt.ts'
import { tellTo } from './http-channel.ts'
import { attempt, firing } from './notifications.ts'

it('publishes the notification as JSON', async () => {
  const telling = attempt({})
  expect(await tellTo(mqtt({ topic: 'home/alerts', retain: true }), firing, telling)).toEqual({
    kind: 'told',
    handle: null,
    isUpdate: false,
    result: { topic: 'home/alerts', event: 101 },
  })
  const [message] = telling.published
  expect(message).toMatchObject({ topic: 'home/alerts', qos: 1, retain: true })
  expect(JSON.parse(Buffer.from(message?.payload ?? []).toString())).toMatchObject({
    id: 'vigie/alerts/nas#1',
    state: 'firing',
    title: 'nas is down',
    since: '2026-01-02T03:04:05.000Z',
    alerts: [{ key: 'nas', rule: 'nas-down' }],
  })
})

it.each([
  [{ topic: 'home/#' }, 'topic: expected the name of a topic, without wildcards, got "home/#"'],
  [{ topic: 'home', qos: 3 }, 'qos: expected 0, 1 or 2, got 3'],
])('refuses %o with a sentence', (options, sentence) => {
  expect(() => mqtt(options as never)).toThrow(sentence)
})
