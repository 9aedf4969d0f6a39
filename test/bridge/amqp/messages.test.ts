import { describe, expect, it } from 'vitest'
import { mqttProperties, outgoing, topicOf } from '../../../src/bridge/amqp/messages.ts'
import type { ToExchange } from '../../../src/bridge/amqp/settings.ts'
import { encodePropertyBytes } from '../../../src/mqtt/properties.ts'
import type { MessageProperties } from '../../../src/model/passage.ts'
import { hidesRoot } from '../../../src/topics/hidden.ts'
import { event } from '../../journal/nouns.ts'

const ports = (...out: ToExchange[]) => ({ name: 'far', hubId: 'here', out, hides: hidesRoot('vigie') })
const ALL: ToExchange = { filter: '#', from: '', exchange: 'amq.topic' }
const withProperties = (properties: MessageProperties) => ({ properties: encodePropertyBytes(properties) })

describe('an event that goes to an exchange', () => {
  it('has a key made of its topic, its number as message id, and its properties as headers', () => {
    const properties = {
      contentType: 'text/plain',
      correlationData: Buffer.from('c'),
      messageExpiryInterval: 60,
      userProperties: [['unit', '°C']] as [string, string][],
    }
    const hot = event(7, {
      topic: 'a/b',
      at: 1_000,
      qos: 1,
      payload: Buffer.from('x'),
      ...withProperties(properties),
    })
    expect(outgoing(hot, ports(ALL), 11_000)).toEqual({
      draft: {
        exchange: 'amq.topic',
        key: 'a.b',
        content: Buffer.from('x'),
        options: {
          persistent: true,
          mandatory: true,
          messageId: 'here-7',
          timestamp: 1,
          appId: 'vigie',
          headers: { unit: '°C', 'vigie-path': 'here', 'vigie-event': '7', 'vigie-topic': 'a/b' },
          contentType: 'text/plain',
          correlationId: 'c',
          expiration: 50_000,
        },
      },
    })
  })

  it('goes by the first entry that matches: without the prefix, or under a key of its own', () => {
    const out = ports(
      { filter: 'x', from: 'a/', exchange: '', key: 'jobs' },
      { filter: '#', from: 'a/', exchange: 'work' },
    )
    const sent = (topic: string) => outgoing(event(1, { topic }), out, 0)
    expect(sent('a/x')).toMatchObject({ draft: { exchange: '', key: 'jobs' } })
    expect(sent('a/y/z')).toMatchObject({ draft: { exchange: 'work', key: 'y.z' } })
    expect(sent('b')).toBeNull()
  })

  it.each([
    ['would come back as another topic', { topic: 'a.b' }, 'untranslatable'],
    ['has a longer key than AMQP takes', { topic: 'a'.repeat(256) }, 'untranslatable'],
    ['has expired', withProperties({ messageExpiryInterval: 1 }), 'expired'],
    ['has been here', withProperties({ userProperties: [['vigie-path', 'here x']] }), 'loop'],
  ])('is left out when it %s', (_why, rest, drop) => {
    expect(outgoing(event(1, { topic: 'a', at: 0, ...rest }), ports(ALL), 2_000)).toEqual({ drop })
  })

  it.each([
    ['came over this bridge', { origin: 'bridge', client: 'bridge:far' }],
    ['is a retained message for a new rule', { origin: 'retained' }],
    ['is the own one of the hub, which no wildcard reaches', { topic: 'vigie/clients/x' }],
  ] as const)('is none of the far side’s when it %s', (_why, rest) => {
    expect(outgoing(event(1, { topic: 'a', ...rest }), ports(ALL), 0)).toBeNull()
  })
})

describe('a message of a queue', () => {
  const queue = { queue: 'q', to: '' }

  it('has a topic made of its key, or the one that the settings name', () => {
    expect(topicOf('a.b', queue)).toBe('a/b')
    expect(topicOf('a.b', { ...queue, to: 'in/' })).toBe('in/a/b')
    expect(topicOf('a/b', { ...queue, topic: 'jobs' })).toBe('jobs')
  })

  it.each(['', 'a/b', 'a.+', '#', 'a\0'])('can have no topic with the key %j', (key) => {
    expect(topicOf(key, queue)).toHaveProperty('problem')
  })

  it('keeps texts, numbers and flags of its headers as user properties', () => {
    const headers = { a: 'x', b: 1, c: true, d: { deep: 1 }, e: null }
    const properties = { headers, contentType: 'text/plain', correlationId: 'c', expiration: '1500' }
    expect(mqttProperties({ key: 'k', content: Buffer.from(''), properties })).toEqual({
      userProperties: [
        ['a', 'x'],
        ['b', '1'],
        ['c', 'true'],
      ],
      contentType: 'text/plain',
      correlationData: Buffer.from('c'),
      messageExpiryInterval: 2,
    })
    expect(mqttProperties({ key: 'k', content: Buffer.from(''), properties: {} })).toEqual({})
  })
})
