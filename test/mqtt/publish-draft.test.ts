import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  createPublishDraft,
  packetIdOffset,
  publishSize,
  writePublish,
  writePublishHead,
} from '../../src/mqtt/publish-draft.ts'
import { encodePublish } from '../../src/mqtt/publish.ts'
import { anyPublish } from './arbitraries.ts'

test('a written packet has the announced size, its identifier where it is looked for, and its payload last', () => {
  fc.assert(
    fc.property(anyPublish(4), fc.constantFrom(4, 5), fc.nat(9), (packet, version, at) => {
      const draft = createPublishDraft(version)
      Object.assign(draft, {
        qos: packet.qos,
        dup: packet.dup,
        retain: packet.retain,
        packetId: packet.packetId ?? 0,
        topic: Buffer.from(packet.topic),
        topicEnd: Buffer.byteLength(packet.topic),
        payload: packet.payload,
        payloadEnd: packet.payload.length,
      })
      const size = publishSize(draft)
      const target = Buffer.alloc(at + size + 1, 0xee)
      expect(writePublish(draft, target, at)).toBe(at + size)
      expect(target[at + size]).toBe(0xee)
      expect(target.subarray(at, at + size)).toEqual(encodePublish(packet, version))
      const packetId = packet.qos > 0 ? target.readUInt16BE(packetIdOffset(target, at)) : undefined
      expect(packetId).toBe(packet.packetId)

      const head = Buffer.alloc(size)
      const payloadAt = writePublishHead(draft, head, 0)
      expect(payloadAt).toBe(size - packet.payload.length)
      expect(head.subarray(0, payloadAt)).toEqual(target.subarray(at, at + payloadAt))
    }),
  )
})
