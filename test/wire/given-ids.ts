// Which packet identifiers a broker gives to its messages is its own business. Those in a conversation stand for them: what a client's
// PUBLISH is called there first, it is called until the client has acknowledged it, on a later connection of that client too.

import { decodeConnect } from '../../src/mqtt/connect.ts'
import { FirstByte } from '../../src/mqtt/fixed-header.ts'
import type { Pattern } from './conversation.ts'

/** What the broker gave, by what it is called in the conversation. */
type Given = Map<number, number>

/** Those of all clients of one conversation. */
export class GivenIds {
  readonly #byClient = new Map<string, Given>()

  of(clientId: string, clean: boolean): Given {
    const given = clean ? undefined : this.#byClient.get(clientId)
    const its = given ?? new Map<number, number>()
    this.#byClient.set(clientId, its)
    return its
  }
}

/** On one connection. */
export class IdsOfPeer {
  readonly #all: GivenIds
  #given: Given = new Map()

  constructor(all: GivenIds) {
    this.#all = all
  }

  /** What the client really has to send. */
  sent(bytes: Buffer): Buffer {
    const packets = Buffer.from(bytes)
    for (let start = 0; start < packets.length;) {
      const body = bodyOf(packets, start)
      if (body === undefined) break
      const first = body.end < body.start + 2 ? 0 : packets[start]!
      if (first === FirstByte.connect) this.#connect(packets.subarray(start, body.end), body.start - start)
      else if (first === FirstByte.puback || first === FirstByte.pubrec || first === FirstByte.pubcomp) {
        const called = packets.readUInt16BE(body.start)
        packets.writeUInt16BE(this.#given.get(called) ?? called, body.start)
        if (first !== FirstByte.pubrec) this.#given.delete(called)
      }
      start = body.end
    }
    return packets
  }

  /** What the client gets, as the conversation calls it. */
  got(packet: Buffer, pattern: Pattern): Buffer {
    const body = bodyOf(packet, 0)!
    const isPublish = packet[0]! >>> 4 === 3
    if (isPublish ? (packet[0]! & 6) === 0 : packet[0] !== FirstByte.pubrel) return packet
    const at = isPublish ? body.start + 2 + packet.readUInt16BE(body.start) : body.start
    const given = packet.readUInt16BE(at)
    const [high, low] = [pattern[at], pattern[at + 1]]
    if (typeof high !== 'number' || typeof low !== 'number') return packet
    const called = high * 256 + low
    if (isPublish && !this.#given.has(called) && ![...this.#given.values()].includes(given)) {
      this.#given.set(called, given)
    }
    if (this.#given.get(called) !== given) return packet
    const renamed = Buffer.from(packet)
    renamed.writeUInt16BE(called, at)
    return renamed
  }

  #connect(packet: Buffer, start: number): void {
    try {
      const { clientId, clean } = decodeConnect(packet, start, packet.length)
      this.#given = this.#all.of(clientId, clean)
    } catch {
      // What is wrong with it is what the conversation is about.
    }
  }
}

/** Of the packet that begins there; undefined where it is not whole. */
function bodyOf(bytes: Buffer, packet: number): { readonly start: number; readonly end: number } | undefined {
  let length = 0
  for (let at = packet + 1; at < bytes.length && at < packet + 5; at++) {
    length |= (bytes[at]! & 0x7f) << (7 * (at - packet - 1))
    if (bytes[at]! >= 0x80) continue
    const end = at + 1 + length
    return end > bytes.length ? undefined : { start: at + 1, end }
  }
  return undefined
}
