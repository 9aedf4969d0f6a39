// What a broken client sends: a valid MQTT conversation that is then damaged. The same seed gives the same
// bytes.

import { encodePacket, type Packet } from '../../src/mqtt/packet.ts'
import type { ProtocolVersion, QoS } from '../../src/mqtt/protocol.ts'
import type { Random } from './random.ts'

export interface Conversation {
  readonly version: ProtocolVersion
  /** The first packet is undamaged, so answers have to be of its version. */
  readonly begunWell: boolean
  /** The bytes that are sent, in the pieces in which they are written. */
  readonly pieces: readonly Buffer[]
}

export function converse(random: Random): Conversation {
  const version = random.of([3, 4, 5, 5] as const)
  const packets = [connect(random, version), ...random.list(12, () => anyPacket(random, version))]
  const said = packets.map((packet) => encodePacket(packet, version))
  const [first] = said
  for (let times = random.integer(5); times > 0; times--) random.of(CHANGES)(random, said)
  return { version, begunWell: said[0] === first, pieces: cut(random, Buffer.concat(said)) }
}

const TOPICS = [
  'fuzz/a',
  'fuzz/a/b',
  'fuzz//c',
  'fuzz/\u{1F98A}',
  '$SYS/fuzz',
  'vigie/fuzz',
  'fuzz/+',
  'fuzz/#/x',
  '',
]
const FILTERS = ['fuzz/#', 'fuzz/+', '+/a', '#', '$SYS/#', '$share/g/fuzz/#']
/** Packets that end the conversation. */
const ILL_FORMED = ['$share//x', 'fuzz/#/x', 'a+', '']

const payload = (random: Random): Buffer => Buffer.alloc(random.of([0, 1, 20, 20, 300, 70_000]), 'x')
const filterOf = (random: Random): string => random.of(random.oneIn(20) ? ILL_FORMED : FILTERS)
const qosOf = (random: Random): QoS => random.of([0, 1, 2] as const)
const packetId = (random: Random): number => random.of([1, 2, 3, 4, 65_535])

function connect(random: Random, version: ProtocolVersion): Packet {
  const kept = random.oneIn(2)
  return {
    type: 'connect',
    version,
    bridge: random.oneIn(10) && version < 5,
    clean: !kept,
    keepAlive: random.of([0, 1, 60]),
    clientId: `fuzz-${random.integer(20)}`,
    ...(random.oneIn(3) && {
      will: {
        topic: random.of(TOPICS) || 'fuzz/will',
        payload: payload(random).subarray(0, 300),
        qos: qosOf(random),
        retain: random.oneIn(2),
      },
    }),
    ...(random.oneIn(5) && { username: 'somebody' }),
    ...(version === 5 && {
      properties: {
        sessionExpiryInterval: kept ? random.of([0, 1, 5]) : 0,
        receiveMaximum: random.of([1, 10, 65_535]),
        topicAliasMaximum: random.of([0, 10]),
        ...(random.oneIn(4) && { maximumPacketSize: random.of([20, 200, 100_000]) }),
        ...(random.oneIn(8) && {
          authenticationMethod: 'SCRAM-SHA-256',
          authenticationData: Buffer.from('n,,n=a,r=b'),
        }),
      },
    }),
  }
}

function anyPacket(random: Random, version: ProtocolVersion): Packet {
  switch (random.integer(version === 5 ? 11 : 10)) {
    case 0:
      return { type: 'pingreq' }
    case 1:
      return {
        type: random.of(['puback', 'pubrec', 'pubcomp'] as const),
        packetId: packetId(random),
        reasonCode: 0,
      }
    case 2:
      return { type: 'pubrel', packetId: packetId(random), reasonCode: 0 }
    case 3:
      return {
        type: 'unsubscribe',
        packetId: packetId(random),
        filters: [filterOf(random), ...random.list(3, () => filterOf(random))],
      }
    case 4:
    case 5:
      return {
        type: 'subscribe',
        packetId: packetId(random),
        subscriptions: [subscription(random), ...random.list(3, () => subscription(random))],
      }
    case 6:
      return random.oneIn(4) ? { type: 'disconnect', reasonCode: 0 } : { type: 'pingreq' }
    case 10:
      return { type: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'SCRAM-SHA-256' } }
    default:
      return publish(random, version)
  }
}

const subscription = (random: Random) => ({
  filter: filterOf(random),
  qos: qosOf(random),
  noLocal: random.oneIn(3),
  retainAsPublished: random.oneIn(3),
  retainHandling: random.of([0, 1, 2] as const),
})

function publish(random: Random, version: ProtocolVersion): Packet {
  const qos = qosOf(random)
  return {
    type: 'publish',
    topic: random.of(TOPICS),
    payload: payload(random),
    qos,
    retain: random.oneIn(4),
    dup: qos > 0 && random.oneIn(4),
    packetId: qos > 0 ? packetId(random) : undefined,
    ...(version === 5 && {
      properties: {
        ...(random.oneIn(3) && { topicAlias: random.of([1, 2, 64, 65]) }),
        ...(random.oneIn(3) && { messageExpiryInterval: random.of([0, 1, 2 ** 32 - 1]) }),
        ...(random.oneIn(3) && { responseTopic: 'fuzz/answer', correlationData: Buffer.from([1, 2, 3]) }),
        ...(random.oneIn(4) && { userProperties: random.list(50, () => ['k', 'v'] as const) }),
      },
    }),
  }
}

type Change = (random: Random, said: Buffer[]) => void

/** Returns a changed copy of one of the packets. */
const inOne =
  (change: (random: Random, packet: Buffer) => Buffer): Change =>
  (random, said) => {
    const at = random.integer(said.length)
    if (said[at]!.length > 1) said[at] = change(random, Buffer.from(said[at]!))
  }

const put = (random: Random, packet: Buffer, bytes: readonly number[]): Buffer => {
  const at = random.integer(packet.length)
  Buffer.from(bytes).copy(packet, at)
  return packet
}

const CHANGES: readonly Change[] = [
  inOne((random, packet) => {
    const at = random.integer(packet.length)
    packet[at] = packet[at]! ^ (1 << random.integer(8))
    return packet
  }),
  // Changes its length.
  inOne((random, packet) => {
    packet[1] = Math.max(0, packet[1]! + random.of([-100, -2, -1, 1, 2, 100])) & 0xff
    return packet
  }),
  // Makes a length, or a number, huge.
  inOne((random, packet) =>
    put(
      random,
      packet,
      random.of([
        [0xff, 0xff],
        [0xff, 0xff, 0xff, 0x7f],
        [0xff, 0xff, 0xff, 0xff, 0xff],
      ]),
    ),
  ),
  inOne((random, packet) => put(random, packet, [0])),
  // Turns a property into another one, or into none.
  inOne((random, packet) => put(random, packet, [random.integer(256)])),
  // Inserts invalid UTF-8 (overlong, half of a surrogate pair, the end missing) or U+0000.
  inOne((random, packet) =>
    put(random, packet, random.of([[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0]])),
  ),
  inOne((random, packet) => packet.subarray(0, random.integer(packet.length))),
  inOne((random, packet) => Buffer.concat([packet, Buffer.from(random.list(8, () => random.integer(256)))])),
  // Changes its first byte.
  inOne((random, packet) => {
    packet[0] = random.integer(256)
    return packet
  }),
  (random, said) => said.splice(random.integer(said.length + 1), 0, random.of(said)),
  (random, said) => said.splice(random.integer(said.length), 1, Buffer.alloc(0)),
  (random, said) => {
    const [a, b] = [random.integer(said.length), random.integer(said.length)]
    ;[said[a], said[b]] = [said[b]!, said[a]!]
  },
]

function cut(random: Random, stream: Buffer): Buffer[] {
  const most = random.of([0, 1, 5, 30])
  const places = random.list(most, () => random.integer(stream.length + 1)).toSorted((a, b) => a - b)
  return [0, ...places].map((start, index) => stream.subarray(start, places[index] ?? stream.length))
}
