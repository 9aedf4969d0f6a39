import { expect, it } from 'vitest'
import type { BridgedMessage } from '../../../src/broker/delivery/bridged.ts'
import { encodePropertyBytes } from '../../../src/mqtt/properties.ts'
import { connectClient } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'

const message = (rest: Partial<BridgedMessage> = {}): BridgedMessage => ({
  topic: 'a/b',
  payload: Buffer.from('x'),
  qos: 1,
  retain: false,
  properties: null,
  client: 'bridge:far',
  isRepeat: false,
  ...rest,
})

it('publishes what came over a bridge under the name of the bridge', async () => {
  const { broker, eventLog, port } = await startTestBroker()
  const client = await connectClient(port, 'c')
  await client.subscribe('a/#', 1)
  expect(broker.take(message())).toBe(eventLog.lastId)
  expect(await client.expect('publish')).toMatchObject({ topic: 'a/b', qos: 1 })
  expect(eventLog.of('a/b')).toMatchObject([{ origin: 'bridge', client: 'bridge:far', cause: null }])
})

it('publishes once what comes over two bridges, or twice over one', async () => {
  const { broker, eventLog } = await startTestBroker()
  const named = (path: string) =>
    encodePropertyBytes({
      userProperties: [
        ['vigie-path', path],
        ['vigie-event', '9'],
      ],
    })
  const event = broker.take(message({ properties: named('a') }))
  expect(broker.take(message({ properties: named('a') }))).toBe(event)
  expect(broker.take(message({ properties: named('a b'), client: 'bridge:second' }))).toBe(event)
  expect(eventLog.of('a/b')).toHaveLength(1)
})

it.each(['vigie/hub/kicked', '$SYS/broker/uptime', '$share/g/a'])('takes nothing on %s', async (topic) => {
  const { broker } = await startTestBroker()
  expect(() => broker.take(message({ topic }))).toThrow('only the hub itself publishes there')
})

it('leaves out a repeat of what is retained already, and waits for the commit of that', async () => {
  const { broker, eventLog } = await startTestBroker()
  const retained = message({ retain: true })
  const event = broker.take(retained)
  expect(event).toBeGreaterThan(0)
  expect(broker.take({ ...retained, isRepeat: true })).toBe(event)
  broker.take(retained)
  broker.take({ ...retained, isRepeat: true, payload: Buffer.from('y') })
  expect(eventLog.of('a/b')).toHaveLength(3)
})
