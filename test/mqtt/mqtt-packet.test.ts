// Our codec against the npm package mqtt-packet, both ways. Where the two differ, the specification decides; what is left
// out of the comparison, and why, stands in `isComparable`, and each fault of theirs has its bytes in the table at the end.
//
// Covers `src/mqtt/protocol.ts`.

import * as fc from 'fast-check'
import { generate, parser as createParser, type Packet as Theirs } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'

import { connackReturnCode } from '../../src/mqtt/connack.ts'
import { encodePacket, type Packet } from '../../src/mqtt/packet.ts'
import type { PropertyName } from '../../src/mqtt/properties.ts'
import type { ProtocolVersion } from '../../src/mqtt/protocol.ts'
import { anyPacket, anyVersion } from './arbitraries.ts'
import { decodeAll, fromWire } from './byte-tables.ts'

const anyCase = anyVersion.chain((version) =>
  fc.tuple(
    fc.constant(version),
    anyPacket(version).filter((packet) => isComparable(packet, version)),
  ),
)

describe('beside mqtt-packet', () => {
  test('what we encode, it parses to the same', () => {
    fc.assert(
      fc.property(anyCase, ([version, packet]) => {
        expect(parseTheirs(version, encodePacket(packet, version))).toMatchObject(toTheirs(packet, version))
      }),
      { numRuns: 2_000 },
    )
  })

  test('what it generates, we decode to the same', () => {
    fc.assert(
      fc.property(anyCase, ([version, packet]) => {
        const wire = generate(toTheirs(packet, version) as Theirs, { protocolVersion: version })
        expect(decodeAll(version, wire)).toEqual([packet])
      }),
      { numRuns: 2_000 },
    )
  })

  // What mqtt-packet takes or makes of bytes on which the specification is clear. If a row fails, it was mended there.
  test.each<[fault: string, version: ProtocolVersion, wire: string, theirs: object]>([
    ['[MQTT-2.2.1-3] takes the packet identifier 0', 4, '40 02 0000', { messageId: 0 }],
    ['[MQTT-1.5.4-1] replaces what is not UTF-8', 4, '30 03 0001 ff', { topic: '\uFFFD' }],
    ['[MQTT-1.5.4-2] takes U+0000', 4, '30 03 0001 00', { topic: '\0' }],
    ['[MQTT-3.3.2-2] takes a wildcard in a topic name', 4, "30 03 0001 '#'", { topic: '#' }],
    ['[MQTT-3.3.1-2] takes DUP at QoS 0', 4, "38 03 0001 'a'", { dup: true, qos: 0 }],
    [
      '[MQTT-3.3.2-8] takes the topic alias 0',
      5,
      "30 07 0001 'a' 03 230000",
      { properties: { topicAlias: 0 } },
    ],
    ['[v3 MQTT-3.8.3-3] takes a SUBSCRIBE without a filter', 4, '82 02 0001', { subscriptions: [] }],
    ['[v3 MQTT-3.10.3-2] takes an UNSUBSCRIBE without a filter', 4, 'a2 02 0001', { unsubscriptions: [] }],
    [
      'section 2.2.2.2: takes a property that belongs to another packet',
      5,
      "30 07 0001 'a' 03 210001",
      { properties: { receiveMaximum: 1 } },
    ],
    [
      'section 3.3.2.3: makes a list of a property that came twice',
      5,
      "30 0c 0001 'a' 08 030001'x' 030001'y'",
      { properties: { contentType: ['x', 'y'] } },
    ],
    [
      '[MQTT-3.3.2-18] loses the order of user properties, and one with an empty value',
      5,
      "30 18 0001 'a' 14 260001'b'0000 260001'a'0001'1' 260001'b'0001'2'",
      { properties: { userProperties: { a: '1', b: '2' } } },
    ],
    ['section 3.12: takes a body of PINGREQ', 4, 'c0 01 00', { cmd: 'pingreq' }],
  ])('%s', (_, version, wire, theirs) => {
    expect(parseTheirs(version, fromWire(wire))).toMatchObject(theirs)
  })
})

function isComparable(packet: Packet, version: ProtocolVersion): boolean {
  // It writes level 3 for a bridge that speaks 5.0, and leaves the properties out that it counted.
  if (packet.type === 'connect' && packet.bridge && version === 5) return false
  // It refuses to write a password without a user name, which 5.0 allows.
  if (packet.type === 'connect' && packet.password !== undefined && packet.username === undefined)
    return false
  // It refuses to write an empty client identifier without Clean Start, which 5.0 allows.
  if (packet.type === 'connect' && packet.clientId === '' && !packet.clean) return false
  // It refuses an AUTH without a body, which section 3.15.2.1 allows.
  if (packet.type === 'auth' && packet.reasonCode === 0 && packet.properties === undefined) return false
  const places = [packet, ...(packet.type === 'connect' && packet.will !== undefined ? [packet.will] : [])]
  // Its user properties are an object by name: order across names and empty values that repeat are lost.
  return places.every((place) => {
    const pairs = ('properties' in place ? place.properties?.userProperties : undefined) ?? []
    const names = pairs.map(([name]) => name)
    const isGrouped = names.every((name, at) => names.indexOf(name) === at)
    return isGrouped && names.every((name) => !/^\d+$/.test(name) && name !== '__proto__')
  })
}

/** Our packet in mqtt-packet's words. */
function toTheirs(packet: Packet, version: ProtocolVersion): object {
  const { properties, ...rest } = { properties: undefined, ...packet }
  const common = { cmd: packet.type, ...theirProperties(properties) }
  switch (rest.type) {
    case 'connect': {
      const { will, clientId, clean, username, password } = rest
      return {
        ...common,
        protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
        protocolVersion: version,
        ...(rest.bridge ? { bridgeMode: true } : {}),
        clientId,
        clean,
        keepalive: rest.keepAlive,
        ...(will === undefined
          ? {}
          : {
              will: {
                topic: will.topic,
                payload: will.payload,
                qos: will.qos,
                retain: will.retain,
                ...theirProperties(will.properties),
              },
            }),
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      }
    }
    case 'connack':
      return {
        ...common,
        sessionPresent: rest.sessionPresent,
        ...(version === 5
          ? { reasonCode: rest.reasonCode }
          : { returnCode: connackReturnCode(rest.reasonCode) }),
      }
    case 'publish': {
      const { topic, payload, qos, dup, retain, packetId } = rest
      return {
        ...common,
        topic,
        payload,
        qos,
        dup,
        retain,
        ...(packetId === undefined ? {} : { messageId: packetId }),
      }
    }
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return {
        ...common,
        messageId: rest.packetId,
        ...(version === 5 ? { reasonCode: rest.reasonCode } : {}),
      }
    case 'subscribe':
      return {
        ...common,
        messageId: rest.packetId,
        subscriptions: rest.subscriptions.map(
          ({ filter, qos, noLocal, retainAsPublished, retainHandling }) => ({
            topic: filter,
            qos,
            ...(version === 5 ? { nl: noLocal, rap: retainAsPublished, rh: retainHandling } : {}),
          }),
        ),
      }
    case 'suback':
    case 'unsuback':
      return {
        ...common,
        messageId: rest.packetId,
        ...(rest.type === 'suback' || version === 5 ? { granted: rest.reasonCodes } : {}),
      }
    case 'unsubscribe':
      return { ...common, messageId: rest.packetId, unsubscriptions: rest.filters }
    case 'disconnect':
    case 'auth':
      return { ...common, ...(version === 5 ? { reasonCode: rest.reasonCode } : {}) }
    case 'pingreq':
    case 'pingresp':
      return common
    default:
      return rest satisfies never
  }
}

function theirProperties(ours: object | undefined): object {
  if (ours === undefined) return {}
  const properties: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(ours)) {
    const name = key as PropertyName
    if (name === 'userProperties') properties.userProperties = Object.fromEntries(value as [string, string][])
    else if (name === 'payloadFormatIndicator') properties[name] = value === 1
    else if (name === 'maximumQos') properties.maximumQoS = value
    else if (name === 'subscriptionIdentifiers') {
      const identifiers = value as number[]
      properties.subscriptionIdentifier = identifiers.length === 1 ? identifiers[0] : identifiers
    } else properties[name] = value
  }
  return { properties }
}

function parseTheirs(version: ProtocolVersion, wire: Buffer): Theirs {
  const packets: Theirs[] = []
  const parser = createParser({ protocolVersion: version })
  parser.on('packet', (packet) => packets.push(packet))
  parser.on('error', (error) => {
    throw error
  })
  parser.parse(wire)
  return packets[0]!
}
