// Any packet at all, in all three versions, as our code may meet or send it.

import * as fc from 'fast-check'

import { connackReturnCode } from '../../src/mqtt/connack.ts'
import type { ConnectPacket } from '../../src/mqtt/connect.ts'
import type { Packet } from '../../src/mqtt/packet.ts'
import {
  encodePropertyBytes,
  type PropertiesOf,
  type PropertyName,
  type PropertyPlace,
} from '../../src/mqtt/properties.ts'
import type { ProtocolVersion } from '../../src/mqtt/protocol.ts'
import type { PublishPacket } from '../../src/mqtt/publish.ts'
import { ReasonCode } from '../../src/mqtt/reason-codes.ts'

export const anyVersion = fc.constantFrom<ProtocolVersion>(3, 4, 5)

/** Text that MQTT takes: no U+0000 and no lone surrogates (which `grapheme` never makes). */
export const anyText = fc
  .string({
    unit: fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      fc.constantFrom('/', '\uFEFF', '😀', 'é'),
    ),
  })
  .map((text) => text.replaceAll('\0', ''))

export const anyTopicName = anyText.map((text) => text.replaceAll(/[+#]/g, '') || 't')

const anyBinary = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))
const anyPacketId = fc.integer({ min: 1, max: 0xffff })
const anyU16 = fc.nat(0xffff)
const anyU32 = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 0xffff_ffff))
const anyVarint = fc.oneof(
  fc.integer({ min: 1, max: 268_435_455 }),
  fc.constantFrom(1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152),
)
const anyQos = fc.constantFrom<0 | 1 | 2>(0, 1, 2)
const anyBit = fc.constantFrom<0 | 1>(0, 1)
const anyPairs = fc.array(fc.tuple(anyText, anyText), { minLength: 1, maxLength: 4 })

const VALUES: { readonly [Name in PropertyName]: fc.Arbitrary<unknown> } = {
  payloadFormatIndicator: anyBit,
  messageExpiryInterval: anyU32,
  contentType: anyText,
  responseTopic: anyTopicName,
  correlationData: anyBinary,
  subscriptionIdentifiers: fc.array(anyVarint, { minLength: 1, maxLength: 3 }),
  subscriptionIdentifier: anyVarint,
  sessionExpiryInterval: anyU32,
  assignedClientIdentifier: anyText,
  serverKeepAlive: anyU16,
  authenticationMethod: anyText,
  authenticationData: anyBinary,
  requestProblemInformation: fc.boolean(),
  willDelayInterval: anyU32,
  requestResponseInformation: fc.boolean(),
  responseInformation: anyText,
  serverReference: anyText,
  reasonString: anyText,
  receiveMaximum: anyPacketId,
  topicAliasMaximum: anyU16,
  topicAlias: anyPacketId,
  maximumQos: anyBit,
  retainAvailable: fc.boolean(),
  userProperties: anyPairs,
  maximumPacketSize: fc.integer({ min: 1, max: 0xffff_ffff }),
  wildcardSubscriptionAvailable: fc.boolean(),
  subscriptionIdentifiersAvailable: fc.boolean(),
  sharedSubscriptionAvailable: fc.boolean(),
}

/** Restates the specification's table 2-4 on purpose: the code's own table is what is under test. */
const PLACES: { readonly [Place in PropertyPlace]: readonly PropertyName[] } = {
  connect: [
    'sessionExpiryInterval',
    'authenticationMethod',
    'authenticationData',
    'requestProblemInformation',
    'requestResponseInformation',
    'receiveMaximum',
    'topicAliasMaximum',
    'userProperties',
    'maximumPacketSize',
  ],
  will: [
    'payloadFormatIndicator',
    'messageExpiryInterval',
    'contentType',
    'responseTopic',
    'correlationData',
    'willDelayInterval',
    'userProperties',
  ],
  connack: [
    'sessionExpiryInterval',
    'assignedClientIdentifier',
    'serverKeepAlive',
    'authenticationMethod',
    'authenticationData',
    'responseInformation',
    'serverReference',
    'reasonString',
    'receiveMaximum',
    'topicAliasMaximum',
    'maximumQos',
    'retainAvailable',
    'userProperties',
    'maximumPacketSize',
    'wildcardSubscriptionAvailable',
    'subscriptionIdentifiersAvailable',
    'sharedSubscriptionAvailable',
  ],
  publish: [
    'payloadFormatIndicator',
    'messageExpiryInterval',
    'contentType',
    'responseTopic',
    'correlationData',
    'subscriptionIdentifiers',
    'topicAlias',
    'userProperties',
  ],
  puback: ['reasonString', 'userProperties'],
  pubrec: ['reasonString', 'userProperties'],
  pubrel: ['reasonString', 'userProperties'],
  pubcomp: ['reasonString', 'userProperties'],
  subscribe: ['subscriptionIdentifier', 'userProperties'],
  suback: ['reasonString', 'userProperties'],
  unsubscribe: ['userProperties'],
  unsuback: ['reasonString', 'userProperties'],
  disconnect: ['sessionExpiryInterval', 'serverReference', 'reasonString', 'userProperties'],
  auth: ['authenticationMethod', 'authenticationData', 'reasonString', 'userProperties'],
}

/** Properties for one place, in any order; undefined where there are none, as our decoders say it. */
export function anyProperties<Place extends PropertyPlace>(
  place: Place,
): fc.Arbitrary<PropertiesOf<Place> | undefined> {
  return fc.shuffledSubarray([...PLACES[place]]).chain((names) => {
    const entries = names.map((name) => VALUES[name].map((value) => [name, value] as const))
    return fc
      .tuple(...entries)
      .map((pairs) => (pairs.length === 0 ? undefined : (Object.fromEntries(pairs) as PropertiesOf<Place>)))
  })
}

/** Bytes that are properties, or were before something happened to them. */
export const nearlyProperties: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.array(anyProperties('publish'), { maxLength: 2 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }),
    fc.option(fc.nat(), { nil: undefined, freq: 2 }),
    fc.uint8Array({ maxLength: 3 }),
  )
  .map(([parts, changes, cut, tail]) => {
    const body = Buffer.concat(
      parts.map((part) => (part === undefined ? Buffer.alloc(0) : encodePropertyBytes(part))),
    )
    const prefix = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7]
    const bytes = Buffer.concat([Buffer.from(prefix), body, tail])
    for (const [at, value] of changes) bytes[at % bytes.length] = value
    return cut === undefined ? bytes : bytes.subarray(0, cut % (bytes.length + 1))
  })

function properties<Place extends PropertyPlace>(
  version: ProtocolVersion,
  place: Place,
): fc.Arbitrary<PropertiesOf<Place> | undefined> {
  return version === 5 ? anyProperties(place) : fc.constant(undefined)
}

function anyConnect(version: ProtocolVersion): fc.Arbitrary<ConnectPacket> {
  const will = fc.record({
    topic: anyTopicName,
    payload: anyBinary,
    qos: anyQos,
    retain: fc.boolean(),
    properties: properties(version, 'will'),
  })
  return fc
    .record({
      type: fc.constant('connect' as const),
      version: fc.constant(version),
      bridge: fc.boolean(),
      clean: fc.boolean(),
      keepAlive: anyU16,
      clientId: anyText,
      will: fc.option(will, { nil: undefined }),
      username: fc.option(anyText, { nil: undefined }),
      password: fc.option(anyBinary, { nil: undefined }),
      properties: properties(version, 'connect'),
    })
    .map((packet) => {
      const clientId = packet.clientId === '' && version < 5 ? 'c' : packet.clientId
      const password = packet.username === undefined && version < 5 ? undefined : packet.password
      const { properties: given } = packet
      const method = given?.authenticationData === undefined ? given : { authenticationMethod: 'm', ...given }
      return Object.assign(packet, { clientId, password, properties: method })
    })
}

export function anyPublish(version: ProtocolVersion): fc.Arbitrary<PublishPacket> {
  return fc
    .record({
      type: fc.constant('publish' as const),
      topic: anyTopicName,
      payload: fc.oneof(
        anyBinary,
        fc.uint8Array({ minLength: 100, maxLength: 20_000 }).map((bytes) => Buffer.from(bytes)),
      ),
      qos: anyQos,
      retain: fc.boolean(),
      dup: fc.boolean(),
      packetId: anyPacketId,
      properties: properties(version, 'publish'),
    })
    .map((packet) => (packet.qos > 0 ? packet : Object.assign(packet, { dup: false, packetId: undefined })))
}

/** Any packet that a peer of this version may send, in the form in which our decoders give it. */
export function anyPacket(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const v5 = version === 5
  const packetId = anyPacketId
  const ack = <Type extends 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'>(type: Type, failure: ReasonCode) =>
    fc.record({
      type: fc.constant(type),
      packetId,
      reasonCode: fc.constantFrom<ReasonCode>(ReasonCode.Success, v5 ? failure : ReasonCode.Success),
      properties: properties(version, 'puback'),
    })
  const kinds: fc.Arbitrary<Packet>[] = [
    anyConnect(version),
    fc.record({
      type: fc.constant('connack' as const),
      sessionPresent: version === 3 ? fc.constant(false) : fc.boolean(),
      reasonCode: fc.constantFrom<ReasonCode>(
        ...([0x00, 0x84, 0x85, 0x86, 0x87, 0x88, 0x9f].filter(
          (code) => v5 || (code !== 0x9f && connackReturnCode(code as ReasonCode) !== undefined),
        ) as ReasonCode[]),
      ),
      properties: properties(version, 'connack'),
    }),
    anyPublish(version),
    ack('puback', ReasonCode.QuotaExceeded),
    ack('pubrec', ReasonCode.NotAuthorized),
    ack('pubrel', ReasonCode.PacketIdentifierNotFound),
    ack('pubcomp', ReasonCode.PacketIdentifierNotFound),
    fc.record({
      type: fc.constant('subscribe' as const),
      packetId,
      subscriptions: fc.array(
        fc.record({
          filter: anyText,
          qos: anyQos,
          noLocal: fc.constant(false),
          retainAsPublished: v5 ? fc.boolean() : fc.constant(false),
          retainHandling: v5 ? fc.constantFrom<0 | 1 | 2>(0, 1, 2) : fc.constant(0 as const),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      properties: properties(version, 'subscribe'),
    }),
    fc.record({
      type: fc.constant('suback' as const),
      packetId,
      reasonCodes: fc.array(
        fc.constantFrom<ReasonCode>(0, 1, 2, 0x80, ...(v5 ? ([0x8f, 0xa2] as const) : [])),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      properties: properties(version, 'suback'),
    }),
    fc.record({
      type: fc.constant('unsubscribe' as const),
      packetId,
      filters: fc.array(anyText, { minLength: 1, maxLength: 4 }),
      properties: properties(version, 'unsubscribe'),
    }),
    fc.record({
      type: fc.constant('unsuback' as const),
      packetId,
      reasonCodes: v5
        ? fc.array(fc.constantFrom<ReasonCode>(0, 0x11, 0x87), { minLength: 1, maxLength: 4 })
        : fc.constant([]),
      properties: properties(version, 'unsuback'),
    }),
    fc.constant({ type: 'pingreq' }),
    fc.constant({ type: 'pingresp' }),
    fc.record({
      type: fc.constant('disconnect' as const),
      reasonCode: v5 ? fc.constantFrom<ReasonCode>(0x00, 0x04, 0x8e) : fc.constant(ReasonCode.Success),
      properties: properties(version, 'disconnect'),
    }),
  ]
  if (v5) {
    kinds.push(
      fc.record({
        type: fc.constant('auth' as const),
        reasonCode: fc.constantFrom<ReasonCode>(0x00, 0x18, 0x19),
        properties: properties(version, 'auth'),
      }),
    )
  }
  return fc.oneof(...kinds)
}
