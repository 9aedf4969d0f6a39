// A broker just good enough for the load program, which does one thing wrong with one message: it shows that the load
// program finds what a broker can do wrong.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** What goes wrong, with the message of this number (counted over all that are published). */
export type Wrong =
  | 'nothing'
  | 'lose'
  | 'duplicate'
  | 'reorder'
  | 'tear'
  | 'downgrade'
  | 'misroute'
  | 'lose the acknowledgement'
  | 'reorder acknowledgements'
  | 'close a subscriber'

const AT = 10

export async function startFaultyBroker(wrong: Wrong): Promise<{ port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const subscribers: { socket: Socket; filter: string }[] = []
  let published = 0
  let held: { deliver?: () => void; acknowledge?: () => void } = {}

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      for (let packet = firstPacket(rest); packet; packet = firstPacket(rest)) {
        rest = rest.subarray(packet.length)
        take(socket, Buffer.from(packet))
      }
    })
  })

  function take(socket: Socket, packet: Buffer): void {
    const id = packet.subarray(2, 4)
    switch (packet[0]! >> 4) {
      case 1:
        return void socket.write(Buffer.from([0x20, 2, 0, 0]))
      case 3:
        return publish(socket, packet)
      case 5:
        return void socket.write(Buffer.concat([Buffer.from([0x62, 2]), id]))
      case 6:
        return void socket.write(Buffer.concat([Buffer.from([0x70, 2]), id]))
      case 8:
        subscribers.push({ socket, filter: packet.toString('latin1', 6, packet.length - 1) })
        return void socket.write(Buffer.concat([Buffer.from([0x90, 3]), id, packet.subarray(-1)]))
    }
  }

  function publish(socket: Socket, packet: Buffer): void {
    published += 1
    const now = published === AT ? wrong : 'nothing'
    const previous = held
    held = {}
    const deliver = () => deliverTo(packet, now)
    const acknowledge = () => acknowledgeTo(socket, packet)
    if (now === 'reorder') held.deliver = deliver
    else if (now !== 'lose') deliver()
    if (now === 'duplicate') deliver()
    if (now === 'reorder acknowledgements') held.acknowledge = acknowledge
    else if (now !== 'lose the acknowledgement') acknowledge()
    if (now === 'close a subscriber') subscribers[0]?.socket.destroy()
    previous.deliver?.()
    previous.acknowledge?.()
  }

  function deliverTo(packet: Buffer, now: Wrong): void {
    const qos = (packet[0]! >> 1) & 3
    if (now === 'tear') packet[packet.length - 3]! ^= 1
    const sent = now === 'downgrade' ? withoutPacketId(packet) : packet
    const topic = topicOf(packet)
    for (const { socket, filter } of subscribers) {
      const matches = filter.endsWith('#') || filter === topic || filter === topic.replace(/[^/]+$/, '+')
      if (matches !== (now === 'misroute')) socket.write(qos > 0 ? sent : packet)
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function firstPacket(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 2) return undefined
  const long = bytes[1]! > 127
  if (long && bytes.length < 3) return undefined
  const length = long ? 3 + (bytes[1]! & 127) + bytes[2]! * 128 : 2 + bytes[1]!
  return bytes.length < length ? undefined : bytes.subarray(0, length)
}

function topicStart(packet: Buffer): number {
  return packet[1]! > 127 ? 5 : 4
}

function topicOf(packet: Buffer): string {
  const start = topicStart(packet)
  return packet.toString('latin1', start, start + packet.readUInt16BE(start - 2))
}

function packetIdOf(packet: Buffer): Buffer {
  const start = topicStart(packet) + topicOf(packet).length
  return packet.subarray(start, start + 2)
}

// The same message at QoS 0. Its length has to stay within one byte.
function withoutPacketId(packet: Buffer): Buffer {
  const start = topicStart(packet) + topicOf(packet).length
  return Buffer.concat([
    Buffer.from([0x30, packet[1]! - 2]),
    packet.subarray(2, start),
    packet.subarray(start + 2),
  ])
}

function acknowledgeTo(socket: Socket, packet: Buffer): void {
  const qos = (packet[0]! >> 1) & 3
  if (qos > 0) socket.write(Buffer.concat([Buffer.from([qos === 1 ? 0x40 : 0x50, 2]), packetIdOf(packet)]))
}
