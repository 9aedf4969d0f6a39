import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'

const problemsOf = (listener: object): string => {
  try {
    parseConfig({ listeners: [{ type: 'mqtt-sn', ...listener }] }, 'vigie.config.ts')
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('a listener for MQTT-SN', () => {
  it('has a default for everything', () => {
    const { listeners } = parseConfig({ listeners: [{ type: 'mqtt-sn' }] }, 'vigie.config.ts')
    expect(listeners).toEqual([
      {
        type: 'mqtt-sn',
        host: '127.0.0.1',
        port: 1884,
        gatewayId: 1,
        predefined: [],
        connectionless: true,
        retryAfter: 10_000,
        retries: 4,
        messageSize: 1_400,
        clients: 20_000,
        topicIds: 1_000,
        queueMessages: 256,
      },
    ])
  })

  it('reads lengths with their units, and predefined topics for all clients or one', () => {
    const listener = {
      type: 'mqtt-sn',
      advertise: { to: '225.0.18.83' },
      predefined: [
        { topic: 'a', id: 1 },
        { topic: 'b', id: 1, client: 'sensor' },
      ],
      messageSize: '64B',
      retryAfter: '15s',
    }
    expect(parseConfig({ listeners: [listener] }, 'vigie.config.ts').listeners[0]).toMatchObject({
      advertise: { to: '225.0.18.83', port: 1884, every: 900_000 },
      predefined: [
        { topic: 'a', id: 1, client: '*' },
        { topic: 'b', id: 1, client: 'sensor' },
      ],
      messageSize: 64,
      retryAfter: 15_000,
    })
  })

  it.each([
    [{ gatewayId: 0 }, 'listeners[0].gatewayId: '],
    [
      { predefined: [{ topic: 'a/#', id: 1 }] },
      'listeners[0].predefined[0].topic: The topic name "a/#" holds',
    ],
    [{ predefined: [{ topic: 'a', id: 65_535 }] }, 'listeners[0].predefined[0].id: '],
    [{ messageSize: '63B' }, 'listeners[0].messageSize: '],
    [{ advertise: { to: 'everybody' } }, 'listeners[0].advertise.to: '],
    [{ retry: '1s' }, 'listeners[0].retry: there is no such setting'],
  ])('says what is wrong with %j', (listener, sentence) => {
    expect(problemsOf(listener)).toContain(sentence)
  })
})
