// The properties of MQTT 5.0: one table says each one's number, value and where it may stand, and both the
// types and the codec follow from it. PUBLISH has a reader of its own for the hot path
// (`publish-properties.ts`), held to this one by test.

import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { MqttError } from './mqtt-error.ts'
import { ReasonCode } from './reason-codes.ts'

/** The places of properties: a packet, or the will inside of CONNECT. */
export type PropertyPlace =
  | 'connect'
  | 'will'
  | 'connack'
  | 'publish'
  | 'puback'
  | 'pubrec'
  | 'pubrel'
  | 'pubcomp'
  | 'subscribe'
  | 'suback'
  | 'unsubscribe'
  | 'unsuback'
  | 'disconnect'
  | 'auth'

/** A name and a value. Names may repeat, and the order is the sender's: [MQTT-3.3.2-18] asks to keep it. */
export type UserProperty = readonly [name: string, value: string]

interface ValueOf {
  readonly bit: 0 | 1
  readonly flag: boolean
  readonly u16: number
  readonly positiveU16: number
  readonly u32: number
  readonly positiveU32: number
  readonly varint: number
  readonly varints: readonly number[]
  readonly text: string
  readonly topic: string
  readonly binary: Buffer
  readonly pairs: readonly UserProperty[]
}

interface Definition {
  readonly id: number
  readonly kind: keyof ValueOf
  readonly on: readonly PropertyPlace[]
}

const MESSAGE = ['publish', 'will'] as const
const ACKNOWLEDGEMENTS = ['puback', 'pubrec', 'pubrel', 'pubcomp', 'suback', 'unsuback'] as const
const EVERYWHERE = [
  'connect',
  'connack',
  ...MESSAGE,
  ...ACKNOWLEDGEMENTS,
  'subscribe',
  'unsubscribe',
  'disconnect',
  'auth',
] as const

const PROPERTIES = {
  payloadFormatIndicator: { id: 0x01, kind: 'bit', on: MESSAGE },
  messageExpiryInterval: { id: 0x02, kind: 'u32', on: MESSAGE },
  contentType: { id: 0x03, kind: 'text', on: MESSAGE },
  responseTopic: { id: 0x08, kind: 'topic', on: MESSAGE },
  correlationData: { id: 0x09, kind: 'binary', on: MESSAGE },
  // A PUBLISH of the server has one per matching subscription; a SUBSCRIBE has one.
  subscriptionIdentifiers: { id: 0x0b, kind: 'varints', on: ['publish'] },
  subscriptionIdentifier: { id: 0x0b, kind: 'varint', on: ['subscribe'] },
  sessionExpiryInterval: { id: 0x11, kind: 'u32', on: ['connect', 'connack', 'disconnect'] },
  assignedClientIdentifier: { id: 0x12, kind: 'text', on: ['connack'] },
  serverKeepAlive: { id: 0x13, kind: 'u16', on: ['connack'] },
  authenticationMethod: { id: 0x15, kind: 'text', on: ['connect', 'connack', 'auth'] },
  authenticationData: { id: 0x16, kind: 'binary', on: ['connect', 'connack', 'auth'] },
  requestProblemInformation: { id: 0x17, kind: 'flag', on: ['connect'] },
  willDelayInterval: { id: 0x18, kind: 'u32', on: ['will'] },
  requestResponseInformation: { id: 0x19, kind: 'flag', on: ['connect'] },
  responseInformation: { id: 0x1a, kind: 'text', on: ['connack'] },
  serverReference: { id: 0x1c, kind: 'text', on: ['connack', 'disconnect'] },
  reasonString: { id: 0x1f, kind: 'text', on: ['connack', ...ACKNOWLEDGEMENTS, 'disconnect', 'auth'] },
  receiveMaximum: { id: 0x21, kind: 'positiveU16', on: ['connect', 'connack'] },
  topicAliasMaximum: { id: 0x22, kind: 'u16', on: ['connect', 'connack'] },
  topicAlias: { id: 0x23, kind: 'positiveU16', on: ['publish'] },
  maximumQos: { id: 0x24, kind: 'bit', on: ['connack'] },
  retainAvailable: { id: 0x25, kind: 'flag', on: ['connack'] },
  userProperties: { id: 0x26, kind: 'pairs', on: EVERYWHERE },
  maximumPacketSize: { id: 0x27, kind: 'positiveU32', on: ['connect', 'connack'] },
  wildcardSubscriptionAvailable: { id: 0x28, kind: 'flag', on: ['connack'] },
  subscriptionIdentifiersAvailable: { id: 0x29, kind: 'flag', on: ['connack'] },
  sharedSubscriptionAvailable: { id: 0x2a, kind: 'flag', on: ['connack'] },
} as const satisfies Record<string, Definition>

type Table = typeof PROPERTIES
export type PropertyName = keyof Table

type AnyProperties = { readonly [Name in PropertyName]?: ValueOf[Table[Name]['kind']] }

/** The properties that may stand in one place, each optional: `PropertiesOf<'connack'>`. */
export type PropertiesOf<Place extends PropertyPlace> = {
  readonly [
    Name in PropertyName as Place extends Table[Name]['on'][number] ? Name : never
  ]?: ValueOf[Table[Name]['kind']]
}

/** Reads the properties, and their length in front unless it is known; undefined when there are none. */
export function readProperties<Place extends PropertyPlace>(
  packet: ByteReader,
  place: Place,
  length = packet.varint('the property length'),
): PropertiesOf<Place> | undefined {
  if (length === 0) return undefined
  const reader = packet.part(length, 'the properties')
  const found: Partial<Record<PropertyName, unknown>> = {}
  while (reader.left > 0) {
    const id = reader.varint('a property identifier')
    const name = BY_PLACE[place]?.[id]
    // Section 2.2.2.2: an identifier that does not belong to the packet makes it malformed.
    if (name === undefined)
      throw reader.malformed(`property 0x${id.toString(16).padStart(2, '0')} does not belong here`)
    const { kind } = PROPERTIES[name]
    if (found[name] !== undefined && kind !== 'pairs' && kind !== 'varints') {
      throw reader.protocolError(`the property ${name} is given twice`)
    }
    found[name] = readValue(reader, name, kind, found[name])
  }
  return found as PropertiesOf<Place>
}

/** Writes the length and the properties, in the order of the object's keys. */
export function writeProperties(writer: ByteWriter, properties: AnyProperties | undefined): void {
  if (properties === undefined) writer.u8(0) // [MQTT-2.2.2-1]
  else writer.withLength(() => writeEach(writer, properties))
}

/** The bytes of the properties without their length in front. */
export function encodePropertyBytes(properties: AnyProperties): Buffer {
  const writer = new ByteWriter()
  writeEach(writer, properties)
  return writer.body()
}

/** The properties of a message, from their bytes as the journal keeps them: without their length in front. */
export function decodePropertyBytes(bytes: Uint8Array | null): PropertiesOf<'publish'> {
  if (bytes === null) return {}
  const reader = new ByteReader(Buffer.from(bytes), 0, bytes.length, 'PUBLISH')
  return readProperties(reader, 'publish', bytes.length) ?? {}
}

/**
 * Whether there is a property to encode. Without one, an acknowledgement may leave its properties out
 * altogether.
 */
export function hasProperties(properties: AnyProperties | undefined): boolean {
  return properties !== undefined && Object.values(properties).some((value) => value !== undefined)
}

const BY_PLACE: Record<string, readonly (PropertyName | undefined)[]> = {}
for (const place of EVERYWHERE) {
  const names: (PropertyName | undefined)[] = []
  for (const [name, definition] of Object.entries(PROPERTIES) as [PropertyName, Definition][]) {
    if (definition.on.includes(place)) names[definition.id] = name
  }
  BY_PLACE[place] = names
}

function readValue(reader: ByteReader, name: PropertyName, kind: keyof ValueOf, earlier: unknown): unknown {
  switch (kind) {
    case 'bit':
      return readBit(reader, name)
    case 'flag':
      return readBit(reader, name) === 1
    case 'u16':
      return reader.u16(name)
    case 'positiveU16':
      return notZero(name, reader.u16(name))
    case 'u32':
      return reader.u32(name)
    case 'positiveU32':
      return notZero(name, reader.u32(name))
    case 'varint':
      return notZero(name, reader.varint(name))
    case 'varints':
      return [...((earlier ?? []) as number[]), notZero(name, reader.varint(name))]
    case 'text':
      return reader.text(name)
    case 'topic':
      return reader.topicName(name) // [MQTT-3.3.2-13] [MQTT-3.3.2-14]
    case 'binary':
      return reader.binary(name)
    case 'pairs': {
      const pairs = (earlier ?? []) as UserProperty[]
      // [MQTT-1.5.7-1]
      pairs.push([reader.text('the name of a user property'), reader.text('the value of a user property')])
      return pairs
    }
    default:
      return kind satisfies never
  }
}

function readBit(reader: ByteReader, name: PropertyName): 0 | 1 {
  const value = reader.u8(name)
  if (value > 1) throw reader.protocolError(`the property ${name} is ${value}; it can only be 0 or 1`)
  return value as 0 | 1
}

function notZero(name: PropertyName, value: number): number {
  if (value > 0) return value
  // [MQTT-3.3.2-8] for the alias; the others are called protocol errors where they are described.
  const reason = name === 'topicAlias' ? ReasonCode.TopicAliasInvalid : ReasonCode.ProtocolError
  throw new MqttError(reason, `The property ${name} is 0, which MQTT forbids.`)
}

function writeEach(writer: ByteWriter, properties: AnyProperties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue
    const { id, kind } = PROPERTIES[name as PropertyName]
    const values = kind === 'pairs' || kind === 'varints' ? (value as readonly unknown[]) : [value]
    for (const one of values) {
      writer.u8(id)
      writeValue(writer, kind, one)
    }
  }
}

function writeValue(writer: ByteWriter, kind: keyof ValueOf, value: unknown): void {
  switch (kind) {
    case 'bit':
    case 'flag':
      return writer.u8(Number(value))
    case 'u16':
    case 'positiveU16':
      return writer.u16(value as number)
    case 'u32':
    case 'positiveU32':
      return writer.u32(value as number)
    case 'varint':
    case 'varints':
      return writer.varint(value as number)
    case 'text':
    case 'topic':
      return writer.text(value as string)
    case 'binary':
      return writer.binary(value as Buffer)
    case 'pairs': {
      const [name, text] = value as UserProperty
      writer.text(name)
      return writer.text(text)
    }
    default:
      return kind satisfies never
  }
}
