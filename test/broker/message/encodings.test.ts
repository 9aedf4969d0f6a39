import { expect, it } from 'vitest'
import { Encoder } from '../../../src/broker/message/encoder.ts'
import { encodingOf, Encodings } from '../../../src/broker/message/encodings.ts'
import { LiveMessage } from '../../../src/broker/message/live-message.ts'
import { messageFrom } from '../../../src/broker/message/message.ts'
import { Output } from '../../../src/broker/socket/output.ts'
import { decodePublish } from '../../../src/mqtt/publish.ts'

function begin() {
  const output = new Output()
  const encodings = new Encodings(output, new Encoder(output))
  const live = new LiveMessage()
  const fields = { topic: 'a/b', properties: null, qos: 2, retain: true, at: 0 } as const
  live.fill(messageFrom({ ...fields, payload: Buffer.from('hi') }), 0)
  encodings.begin()
  /** The packet that was last found or made. */
  const packet = (version: 4 | 5) => {
    const bytes = Buffer.from(output.buffer.subarray(encodings.start, encodings.end))
    return decodePublish(version, bytes[0]!, bytes, 2, bytes.length)
  }
  return { output, encodings, live, packet }
}

it('has one encoding for each version and QoS', () => {
  const all = ([3, 4, 5] as const).flatMap((version) =>
    ([0, 1, 2] as const).map((qos) => encodingOf(version, qos)),
  )
  expect(all).toEqual([0, 1, 2, 0, 1, 2, 3, 4, 5])
})

it('finds what it has made, with the packet id that it was made with, and never with RETAIN', () => {
  const { encodings, live, packet } = begin()
  const [old, recent] = [encodingOf(4, 1), encodingOf(5, 2)]
  expect(encodings.find(old)).toBe(false)
  encodings.make(old, live, 4, 1, 7)
  encodings.make(recent, live, 5, 2, 8)
  expect(packet(5)).toMatchObject({ topic: 'a/b', qos: 2, packetId: 8, retain: false })
  expect([encodings.find(old), encodings.idOf(old), encodings.idOf(recent)]).toEqual([true, 7, 8])
  expect(packet(4)).toMatchObject({ topic: 'a/b', qos: 1, packetId: 7, retain: false })
})

it('finds nothing of another message, nor in a buffer that has been emptied', () => {
  const { encodings, live, output } = begin()
  const encoding = encodingOf(4, 0)
  encodings.make(encoding, live, 4, 0, 0)
  output.generation++
  expect(encodings.find(encoding)).toBe(false)
  encodings.make(encoding, live, 4, 0, 0)
  expect(encodings.find(encoding)).toBe(true)
  encodings.begin()
  expect(encodings.find(encoding)).toBe(false)
})
