// The message by which a bridge says at the far side whether it is up.

import type { Packet } from '../../mqtt/packet.ts'

export const statusPacket = (topic: string, payload: '0' | '1'): Packet => ({
  type: 'publish',
  topic,
  payload: Buffer.from(payload),
  qos: 0,
  retain: true,
  dup: false,
})
