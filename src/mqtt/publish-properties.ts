// The properties of a PUBLISH on the hot path: checked and located in place, nothing decoded, nothing
// allocated.
//
// They fall in two. The *message properties* belong to the message and are forwarded as raw bytes, in their
// order, with nothing changed but the four bytes of the expiry: payload format, expiry, content type,
// response topic, correlation data, user properties. Topic alias and subscription identifiers belong to one
// connection, and every sender sets its own.

import { checkText, checkTopicName, copyBytes } from './bytes.ts'
import { MqttError } from './mqtt-error.ts'
import { ReasonCode } from './reason-codes.ts'

/** The properties of the PUBLISH that was read last. Offsets are into the buffer from which it was read. */
export interface PublishPropertiesView {
  buffer: Buffer
  /** The range of all properties, without their length in front. */
  propertiesStart: number
  propertiesEnd: number
  /** Bytes of the message properties. If that is all of them, the range above can be forwarded as it is. */
  messagePropertiesLength: number
  /** 1 if the publisher says that the payload is text. */
  payloadFormat: 0 | 1
  /** The expiry in seconds, as the sender gave it; -1 if the message does not expire. */
  messageExpiry: number
  /** The offset of the four bytes of the expiry; -1 if the message does not expire. */
  messageExpiryAt: number
  /** The range of the response topic; both 0 if there is none. */
  responseTopicStart: number
  responseTopicEnd: number
  /** The length of the response topic; 0 if there is none. */
  topicAlias: number
  /**
   * The number of subscription identifiers. A client must send none [MQTT-3.3.4-6]; the server checks that.
   */
  subscriptionIdentifierCount: number
}

/** The identifiers of the properties that a PUBLISH may have. */
export const PublishProperty = {
  payloadFormatIndicator: 0x01,
  messageExpiryInterval: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  subscriptionIdentifier: 0x0b,
  topicAlias: 0x23,
  userProperty: 0x26,
} as const

/** Says that there are no properties, at the offset where the payload begins. */
export function clearPublishProperties(view: PublishPropertiesView, at: number): void {
  view.propertiesStart = at
  view.propertiesEnd = at
  view.messagePropertiesLength = 0
  view.payloadFormat = 0
  view.messageExpiry = -1
  view.messageExpiryAt = -1
  view.responseTopicStart = 0
  view.responseTopicEnd = 0
  view.topicAlias = 0
  view.subscriptionIdentifierCount = 0
}

/**
 * Reads the properties that begin (with their length) at `at`, and returns the offset of what follows them.
 */
export function readPublishProperties(
  view: PublishPropertiesView,
  buffer: Buffer,
  at: number,
  end: number,
): number {
  if (at < end && buffer[at] === 0) {
    clearPublishProperties(view, at + 1)
    return at + 1
  }
  const start = afterVarint(buffer, at, end)
  const propertiesEnd = start + varintIn(buffer, at, start)
  if (propertiesEnd > end) throw malformed('the packet ends inside the properties')
  clearPublishProperties(view, start)
  view.propertiesEnd = propertiesEnd
  checkEach(view, buffer)
  return propertiesEnd
}

/** Copies the message properties of the PUBLISH last read; returns the offset after the copy. */
export function copyMessageProperties(view: PublishPropertiesView, target: Buffer, at: number): number {
  const { buffer, propertiesStart, propertiesEnd } = view
  if (view.messagePropertiesLength === propertiesEnd - propertiesStart) {
    return copyBytes(buffer, propertiesStart, propertiesEnd, target, at)
  }
  for (let from = propertiesStart; from < propertiesEnd;) {
    const next = afterValue(buffer, from, propertiesEnd)
    if (isOfMessage(buffer[from]!)) at = copyBytes(buffer, from, next, target, at)
    from = next
  }
  return at
}

/**
 * Returns the offset of the four bytes of the expiry, or -1. The properties must have been checked before.
 */
export function findMessageExpiry(properties: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at = afterValue(properties, at, end)) {
    if (properties[at] === PublishProperty.messageExpiryInterval) return at + 1
  }
  return -1
}

function checkEach(view: PublishPropertiesView, buffer: Buffer): void {
  const end = view.propertiesEnd
  // One bit for each property that may come once. Their identifiers are below 32, except the alias, which
  // takes bit 0.
  let seen = 0
  for (let at = view.propertiesStart; at < end;) {
    const id = buffer[at]!
    const value = at + 1
    const next = afterValue(buffer, at, end)
    if (id !== PublishProperty.userProperty && id !== PublishProperty.subscriptionIdentifier) {
      const bit = id === PublishProperty.topicAlias ? 1 : 1 << id
      if ((seen & bit) !== 0) throw protocolError(`property ${hex(id)} is given twice`)
      seen |= bit
    }
    if (next > end) throw malformed(`the properties end inside property ${hex(id)}`)
    switch (id) {
      case PublishProperty.payloadFormatIndicator:
        if (buffer[value]! > 1) throw protocolError('the payload format is neither 0 nor 1')
        view.payloadFormat = buffer[value] as 0 | 1
        break
      case PublishProperty.messageExpiryInterval:
        view.messageExpiry = buffer.readUInt32BE(value)
        view.messageExpiryAt = value
        break
      case PublishProperty.contentType:
        checkText(buffer, value + 2, next, 'PUBLISH: the content type') // [MQTT-3.3.2-19]
        break
      case PublishProperty.responseTopic:
        // [MQTT-3.3.2-13] [MQTT-3.3.2-14]
        checkTopicName(buffer, value + 2, next, 'PUBLISH: the response topic')
        view.responseTopicStart = value + 2
        view.responseTopicEnd = next
        break
      case PublishProperty.subscriptionIdentifier:
        if (varintIn(buffer, value, next) === 0) throw protocolError('a subscription identifier is 0')
        view.subscriptionIdentifierCount++
        break
      case PublishProperty.topicAlias:
        view.topicAlias = u16(buffer, value)
        if (view.topicAlias === 0) {
          // [MQTT-3.3.2-8]
          throw new MqttError(ReasonCode.TopicAliasInvalid, 'PUBLISH: the topic alias is 0.')
        }
        break
      case PublishProperty.userProperty: {
        const nameEnd = value + 2 + u16(buffer, value)
        checkText(buffer, value + 2, nameEnd, 'PUBLISH: the name of a user property') // [MQTT-1.5.7-1]
        checkText(buffer, nameEnd + 2, next, 'PUBLISH: the value of a user property')
        break
      }
      default: // Correlation data may be any bytes.
    }
    if (isOfMessage(id)) view.messagePropertiesLength += next - at
    at = next
  }
}

function isOfMessage(id: number): boolean {
  return id !== PublishProperty.topicAlias && id !== PublishProperty.subscriptionIdentifier
}

/**
 * Returns the end of the property that begins at `at`: beyond `end` if it does not fit. Throws if the
 * property does not belong to a PUBLISH.
 */
function afterValue(buffer: Buffer, at: number, end: number): number {
  const value = at + 1
  switch (buffer[at]!) {
    case PublishProperty.payloadFormatIndicator:
      return value + 1
    case PublishProperty.topicAlias:
      return value + 2
    case PublishProperty.messageExpiryInterval:
      return value + 4
    case PublishProperty.contentType:
    case PublishProperty.responseTopic:
    case PublishProperty.correlationData:
      return afterField(buffer, value, end)
    case PublishProperty.userProperty:
      return afterField(buffer, afterField(buffer, value, end), end)
    case PublishProperty.subscriptionIdentifier:
      return afterVarint(buffer, value, end)
    default:
      // Section 2.2.2.2: an identifier that does not belong to the packet makes it malformed.
      throw malformed(`property ${hex(buffer[at]!)} does not belong here`)
  }
}

/**
 * Returns the offset after a length of two bytes and the bytes that it announces; beyond `end` if they do not
 * fit.
 */
function afterField(buffer: Buffer, at: number, end: number): number {
  return at + 2 > end ? end + 1 : at + 2 + u16(buffer, at)
}

function afterVarint(buffer: Buffer, at: number, end: number): number {
  for (let next = at; next < end && next < at + 4; next++) {
    const byte = buffer[next]!
    if (byte >= 0x80) continue
    // [MQTT-1.5.5-1]
    if (byte === 0 && next > at) throw malformed('a variable byte integer takes more bytes than it needs')
    return next + 1
  }
  throw malformed('a variable byte integer does not end')
}

/** The value of the variable byte integer that takes up exactly [start, end). */
function varintIn(buffer: Buffer, start: number, end: number): number {
  let value = 0
  for (let at = end - 1; at >= start; at--) value = (value << 7) | (buffer[at]! & 0x7f)
  return value
}

function u16(buffer: Buffer, at: number): number {
  return (buffer[at]! << 8) | buffer[at + 1]!
}

function hex(id: number): string {
  return `0x${id.toString(16).padStart(2, '0')}`
}

function malformed(fault: string): MqttError {
  return new MqttError(ReasonCode.MalformedPacket, `PUBLISH: ${fault}.`)
}

function protocolError(fault: string): MqttError {
  return new MqttError(ReasonCode.ProtocolError, `PUBLISH: ${fault}.`)
}
