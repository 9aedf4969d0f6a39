import { describe, expect, test } from 'vitest'

import { MqttError } from '../../src/mqtt/mqtt-error.ts'
import { checkPublishTopic, createPublishView, readPublish } from '../../src/mqtt/publish-view.ts'
import { fromWire } from './byte-tables.ts'

describe('the view of a PUBLISH', () => {
  test('tells where everything lies, and the characters of the topic are left to the caller', () => {
    const view = createPublishView()
    const wire = fromWire("ee 0003 'a/+' 1234 08 02 0000003c 23 0007 'hi' ee")
    readPublish(view, 5, 0x3d, wire, 1, wire.length - 1)
    expect(view).toEqual({
      buffer: wire,
      qos: 2,
      dup: true,
      retain: true,
      packetId: 0x1234,
      topicStart: 3,
      topicEnd: 6,
      propertiesStart: 9,
      propertiesEnd: 17,
      messagePropertiesLength: 5,
      payloadFormat: 0,
      messageExpiry: 60,
      messageExpiryAt: 10,
      responseTopicStart: 0,
      responseTopicEnd: 0,
      topicAlias: 7,
      subscriptionIdentifierCount: 0,
      payloadStart: 17,
      payloadEnd: 19,
    })
    expect(() => checkPublishTopic(view)).toThrow(MqttError)
  })

  test('keeps nothing of the packet before', () => {
    const view = createPublishView()
    const rich = fromWire("0003 'a/b' 0e 01 01 02 0000003c 23 0007 0b 01 0b 02 'hi'")
    readPublish(view, 5, 0x30, rich, 0, rich.length)
    expect(view.subscriptionIdentifierCount).toBe(2)
    const poor = fromWire("0003 'a/b' 'hi'")
    readPublish(view, 4, 0x30, poor, 0, poor.length)
    const fresh = createPublishView()
    readPublish(fresh, 4, 0x30, poor, 0, poor.length)
    expect(view).toEqual(fresh)
  })
})
