import { expect, it } from 'vitest'
import { LiveMessage } from '../../../src/broker/message/live-message.ts'
import { messageFrom } from '../../../src/broker/message/message.ts'
import { whileSigned } from '../../../src/broker/message/signed.ts'
import { createPublishDraft } from '../../../src/mqtt/publish-draft.ts'
import { decodePublishProperties } from '../../../src/mqtt/publish.ts'
import { encodePropertyBytes } from '../../../src/mqtt/properties.ts'

it('adds the hub to the way of a message while it is encoded, and leaves the message as it was', () => {
  const before = { contentType: 'x', messageExpiryInterval: 60, userProperties: [['k', 'v']] as const }
  const properties = encodePropertyBytes({ ...before, userProperties: [['k', 'v']] })
  const live = new LiveMessage()
  const payload = Buffer.from('p')
  live.fill(messageFrom({ topic: 't', payload, properties, qos: 1, retain: false, at: 0 }), 0)
  live.event = 12
  const shape = { ...live.draft }
  let seen: object | undefined
  whileSigned(live, 'here', () => {
    const { draft } = live
    seen = decodePublishProperties(draft.properties, draft.propertiesStart, draft.propertiesEnd)
    expect(draft.properties.readUInt32BE(draft.messageExpiryAt)).toBe(60)
  })
  expect(seen).toEqual({
    ...before,
    userProperties: [
      ['k', 'v'],
      ['vigie-path', 'here'],
      ['vigie-event', '12'],
    ],
  })
  expect({ ...live.draft }).toEqual(shape)
  const fail = (): never => {
    throw new Error('no room')
  }
  expect(() => whileSigned(live, 'here', fail)).toThrow('no room')
  expect({ ...live.draft }).toEqual(shape)
  expect(Object.keys(shape).toSorted()).toEqual(Object.keys(createPublishDraft(5)).toSorted())
})
