// Measures the codec alone beside mqtt-packet, in the same run: nanoseconds per packet, the best of some
// rounds in turn.
//
//   node bench/codec.ts
//
// mqtt-packet always makes objects. The rows that say "an object" compare like with like; the others show
// what the broker does.

import { generate, parser as createParser, type Packet as Theirs } from 'mqtt-packet'

import { createAckView, readAck, writeAck } from '../src/mqtt/acks.ts'
import { FirstByte } from '../src/mqtt/fixed-header.ts'
import { PacketParser } from '../src/mqtt/parser.ts'
import type { ProtocolVersion } from '../src/mqtt/protocol.ts'
import { createPublishDraft, publishSize, writePublish } from '../src/mqtt/publish-draft.ts'
import { checkPublishTopic, createPublishView, readPublish } from '../src/mqtt/publish-view.ts'
import { decodePublish, encodePublish, type PublishPacket } from '../src/mqtt/publish.ts'

const ROUNDS = 9
const PACKETS = 60_000
/** Size of the chunks in which a socket hands over its bytes. */
const CHUNK = 64 * 1024

interface Row {
  readonly name: string
  readonly ours: () => number
  readonly theirs?: () => number
}

const plain: PublishPacket = {
  type: 'publish',
  topic: 'site/room-12/sensor-7/temperature',
  payload: Buffer.alloc(64, 'x'),
  qos: 0,
  retain: false,
  dup: false,
}
const qos1: PublishPacket = { ...plain, qos: 1, packetId: 4711 }
const kilobyte: PublishPacket = { ...plain, payload: Buffer.alloc(1024, 'x') }
const rich: PublishPacket = {
  ...plain,
  properties: { messageExpiryInterval: 60, contentType: 'text/plain', userProperties: [['trace', 'a1b2c3']] },
}

const rows: readonly Row[] = [
  parsing('parse QoS 0, 64 B, 3.1.1', 4, plain),
  { ...parsing('parse QoS 0, 64 B, 3.1.1, topic checked', 4, plain, { checked: true }), theirs: undefined },
  parsing('parse QoS 1, 64 B, 3.1.1', 4, qos1),
  parsing('parse QoS 0, 1 KiB, 3.1.1', 4, kilobyte),
  parsing('parse QoS 0, 64 B, 5.0', 5, plain),
  parsing('parse QoS 0, 64 B, 5.0, three properties', 5, rich),
  parsing('parse QoS 0, 64 B, chunks of 1,448 B', 4, plain, { chunk: 1448 }),
  parsing('parse QoS 0, 64 B, one byte at a time', 4, plain, { chunk: 1, packets: 500 }),
  parsing('decode to an object, QoS 0, 64 B, 5.0', 5, plain, { objects: true }),
  writing('write QoS 0, 64 B, 3.1.1', 4, plain),
  writing('write QoS 1, 64 B, 3.1.1', 4, qos1),
  writing('write QoS 0, 1 KiB, 3.1.1', 4, kilobyte),
  writing('write QoS 0, 64 B, 5.0', 5, plain),
  encoding('encode an object, QoS 0, 64 B, 5.0, three properties', 5, rich),
  acknowledging(),
]

interface ParsingOptions {
  readonly checked?: boolean
  readonly objects?: boolean
  readonly chunk?: number
  readonly packets?: number
}

function parsing(
  name: string,
  version: ProtocolVersion,
  packet: PublishPacket,
  options: ParsingOptions = {},
): Row {
  const { packets = PACKETS, chunk = CHUNK } = options
  const wire = encodePublish(packet, version)
  const stream = Buffer.concat(Array.from({ length: packets }, () => wire))
  const chunks: Buffer[] = []
  for (let at = 0; at < stream.length; at += chunk) chunks.push(stream.subarray(at, at + chunk))

  let count = 0
  const view = createPublishView()
  const parser = new PacketParser(
    {
      take: (firstByte, buffer, start, end) => {
        if (options.objects === true) decodePublish(version, firstByte, buffer, start, end)
        else {
          readPublish(view, version, firstByte, buffer, start, end)
          if (options.checked === true) checkPublishTopic(view)
        }
        count++
        return true
      },
    },
    { maximumPacketSize: 1_000_000, version },
  )
  const theirParser = createParser({ protocolVersion: version })
  theirParser.on('packet', () => count++)
  return {
    name,
    ours: () => {
      count = 0
      for (const piece of chunks) parser.push(piece)
      return count
    },
    theirs: () => {
      count = 0
      for (const piece of chunks) theirParser.parse(piece)
      return count
    },
  }
}

function writing(name: string, version: ProtocolVersion, packet: PublishPacket): Row {
  const slab = Buffer.alloc(CHUNK)
  const draft = createPublishDraft(version)
  draft.qos = packet.qos
  draft.packetId = packet.packetId ?? 0
  draft.topic = Buffer.from(packet.topic)
  draft.topicEnd = draft.topic.length
  draft.payload = packet.payload
  draft.payloadEnd = packet.payload.length
  return {
    name,
    ours: () => {
      let at = 0
      for (let index = 0; index < PACKETS; index++) {
        if (at + publishSize(draft) > slab.length) at = 0
        at = writePublish(draft, slab, at)
      }
      return PACKETS
    },
    theirs: generating(version, packet),
  }
}

function encoding(name: string, version: ProtocolVersion, packet: PublishPacket): Row {
  return {
    name,
    ours: () => {
      for (let index = 0; index < PACKETS; index++) encodePublish(packet, version)
      return PACKETS
    },
    theirs: generating(version, packet),
  }
}

function generating(version: ProtocolVersion, packet: PublishPacket): () => number {
  const { topic, payload, qos, retain, dup, packetId, properties } = packet
  const theirs = {
    cmd: 'publish',
    topic,
    payload,
    qos,
    retain,
    dup,
    messageId: packetId,
    properties:
      properties === undefined
        ? undefined
        : { ...properties, userProperties: Object.fromEntries(properties.userProperties ?? []) },
  } as unknown as Theirs
  return () => {
    for (let index = 0; index < PACKETS; index++) generate(theirs, { protocolVersion: version })
    return PACKETS
  }
}

function acknowledging(): Row {
  const wire = Buffer.alloc(4 * PACKETS)
  for (let index = 0; index < PACKETS; index++)
    writeAck(wire, 4 * index, FirstByte.puback, (index % 65_535) + 1)
  const view = createAckView()
  let count = 0
  const parser = new PacketParser(
    {
      take: (firstByte, buffer, start, end) => {
        readAck(view, 4, firstByte, buffer, start, end)
        count++
        return true
      },
    },
    { maximumPacketSize: 1_000_000 },
  )
  const theirParser = createParser({ protocolVersion: 4 })
  theirParser.on('packet', () => count++)
  const run = (push: (chunk: Buffer) => unknown): number => {
    count = 0
    for (let at = 0; at < wire.length; at += CHUNK) push(wire.subarray(at, at + CHUNK))
    return count
  }
  return {
    name: 'parse PUBACK',
    ours: () => run((chunk) => parser.push(chunk)),
    theirs: () => run((chunk) => theirParser.parse(chunk)),
  }
}

function nanosecondsPer(run: () => number): number {
  const begun = performance.now()
  const count = run()
  return ((performance.now() - begun) * 1e6) / count
}

function print(...cells: readonly string[]): void {
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(56) : cell.padStart(13))).join(''))
}

print('', 'ours, ns', 'theirs, ns', 'ratio')
for (const { name, ours, theirs } of rows) {
  let best = Infinity
  let theirBest = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    best = Math.min(best, nanosecondsPer(ours))
    if (theirs !== undefined) theirBest = Math.min(theirBest, nanosecondsPer(theirs))
  }
  const compared =
    theirs === undefined ? ['–', '–'] : [theirBest.toFixed(0), `${(theirBest / best).toFixed(0)} ×`]
  print(name, best.toFixed(1), ...compared)
}
