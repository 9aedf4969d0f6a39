// Plays one conversation on a live listener, and checks the answers: whole packets of MQTT and nothing
// else, none after a DISCONNECT, none but a DISCONNECT to what is no MQTT, and an end when the client has
// ended.

import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import mqttPacket from 'mqtt-packet'
import { createWebSocketStream, WebSocket } from 'ws'
import { decodePacket, type Packet } from '../../src/mqtt/packet.ts'
import { PacketParser } from '../../src/mqtt/parser.ts'
import type { ProtocolVersion } from '../../src/mqtt/protocol.ts'
import type { Conversation } from './conversations.ts'

const MOST_MS = 10_000
const PINGREQ = Buffer.from([0xc0, 0])

/** Where the hub listens: a port, or the URL of a WebSocket. */
export type Place = number | string

/** Resolves with what was wrong, or undefined. */
export async function talk(place: Place, conversation: Conversation): Promise<string | undefined> {
  const socket = await open(place)
  const chunks: Buffer[] = []
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise((resolve) => socket.once('close', resolve))
  for (const piece of conversation.pieces) {
    say(socket, piece)
    // Sends some pieces in network packets of their own.
    if (piece.length % 3 === 0) await new Promise(setImmediate)
  }
  say(socket, PINGREQ)
  socket.end()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    socket.destroy()
  }, MOST_MS)
  await ended
  clearTimeout(timer)
  if (isLate) return `was not ended within ${MOST_MS} ms`
  return faultOf(conversation, Buffer.concat(chunks))
}

/** Writes unless the hub has closed the connection. */
function say(socket: Duplex, bytes: Buffer): void {
  if (socket.writable) socket.write(bytes)
}

async function open(place: Place): Promise<Duplex> {
  if (typeof place === 'number') {
    const socket = connect(place, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }
  const socket = new WebSocket(place, 'mqtt')
  await once(socket, 'open')
  return createWebSocketStream(socket)
}

function faultOf({ version, begunWell, pieces }: Conversation, answer: Buffer): string | undefined {
  const versions: readonly ProtocolVersion[] = begunWell ? [version] : [5, 4, 3]
  const faults = versions.map((one) => faultIn(one, answer))
  if (!faults.includes(undefined)) return faults[0]
  if (!begunWell) return undefined
  const asked = pingsIn(version, Buffer.concat([...pieces, PINGREQ]))
  const answered = packetsOf(version, answer).filter(({ type }) => type === 'pingresp').length
  return answered > asked ? 'it went on after what is no MQTT' : undefined
}

function faultIn(version: ProtocolVersion, answer: Buffer): string | undefined {
  let packets: readonly Packet[]
  try {
    packets = packetsOf(version, answer)
    readElsewhere(version, answer)
  } catch (error) {
    return `the answer ${answer.toString('hex').slice(0, 200)} is no MQTT: ${String(error)}`
  }
  const goodbye = packets.findIndex(
    (one) => one.type === 'disconnect' || (one.type === 'connack' && one.reasonCode > 0),
  )
  return goodbye === -1 || goodbye === packets.length - 1 ? undefined : 'something came after the goodbye'
}

/** Throws if a packet is malformed, or the last one is not complete. */
function packetsOf(version: ProtocolVersion, stream: Buffer): Packet[] {
  const packets: Packet[] = []
  const take = (firstByte: number, buffer: Buffer, start: number, end: number): boolean => {
    packets.push(decodePacket(version, firstByte, buffer, start, end))
    return true
  }
  const parser = new PacketParser({ take }, { maximumPacketSize: 2 ** 28, version })
  parser.push(stream)
  if (parser.isInsidePacket) throw new Error('the last packet has not ended')
  return packets
}

/** Checks the packets with the codec of mqtt-packet as well. */
function readElsewhere(version: ProtocolVersion, stream: Buffer): void {
  const parser = mqttPacket.parser({ protocolVersion: version })
  parser.on('error', (error: unknown) => {
    throw error
  })
  parser.parse(stream)
}

/** Counts the PINGREQ packets before the first that is no MQTT. */
function pingsIn(version: ProtocolVersion, stream: Buffer): number {
  let pings = 0
  const take = (firstByte: number, buffer: Buffer, start: number, end: number): boolean => {
    if (decodePacket(version, firstByte, buffer, start, end).type === 'pingreq') pings++
    return true
  }
  try {
    new PacketParser({ take }, { maximumPacketSize: 2 ** 28, version }).push(stream)
  } catch {}
  return pings
}
