import { expect, it } from 'vitest'
import { hubClears, hubMessage, jsonIn } from '../../src/model/hub-message.ts'

it('is JSON at QoS 1, by the hub, not retained and with no cause unless it says so', () => {
  const message = hubMessage('vigie/hub/started', { at: 1 })
  expect(jsonIn(message.payload)).toEqual({ at: 1 })
  expect(message).toMatchObject({
    topic: 'vigie/hub/started',
    qos: 1,
    retain: false,
    origin: 'hub',
    cause: null,
  })
  const cause = { event: 7, run: 3, depth: 1 }
  expect(hubMessage('t', {}, { retain: true, cause })).toMatchObject({ retain: true, cause })
})

it('clears a topic by a retained message without a payload', () => {
  expect(hubClears('vigie/ping/nas')).toMatchObject({ retain: true, payload: new Uint8Array(0) })
})

it.each([[undefined], [''], ['nonsense'], ['{"a":']])('reads nothing in %o', (text) => {
  expect(jsonIn(text === undefined ? undefined : Buffer.from(text))).toBeUndefined()
})
