// Covers `src/broker/message/live-message.ts`, `src/broker/message/message.ts`.

import { expect, it } from 'vitest'
import { Encoder, PLAIN } from '../../../src/broker/message/encoder.ts'
import { messageFrom } from '../../../src/broker/message/message.ts'
import { LiveMessage } from '../../../src/broker/message/live-message.ts'
import { Output } from '../../../src/broker/socket/output.ts'
import { LARGEST_PACKET } from '../../../src/mqtt/fixed-header.ts'

it('measures a message that MQTT has no packet for, and writes none of it', () => {
  const output = new Output()
  const encoder = new Encoder(output)
  const live = new LiveMessage()
  // Never touched, so the system gives no memory for it.
  const payload = Buffer.alloc(268_435_456)
  live.fill(messageFrom({ topic: 'a', payload, properties: null, qos: 1, retain: false, at: 0 }), 0)
  const { used, buffer } = output
  encoder.encode(live, 5, 1, 1, PLAIN)
  expect(encoder.end - encoder.start).toBeGreaterThan(LARGEST_PACKET)
  expect(output.used).toBe(used)
  expect(output.buffer).toBe(buffer)
})
