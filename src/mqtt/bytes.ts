// The smallest pieces of MQTT's encoding, on plain buffers and offsets. Nothing here allocates, and none of
// the write functions looks at the target's length: whoever calls has asked for the size before.

import { MqttError } from './mqtt-error.ts'
import { ReasonCode } from './reason-codes.ts'

export const EMPTY = Buffer.alloc(0)
export const MAX_VARINT = 268_435_455
export const MAX_TEXT_BYTES = 65_535

/** Bytes that a variable byte integer takes. */
export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4
}

/** Writes a variable byte integer in its shortest form and returns the offset after it. */
export function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = value
  // [MQTT-1.5.5-1]
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  target[at++] = rest
  return at
}

export function writeU16(target: Buffer, at: number, value: number): number {
  target[at] = value >>> 8
  target[at + 1] = value
  return at + 2
}

export function writeU32(target: Buffer, at: number, value: number): number {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
  return at + 4
}

/**
 * Copies and returns the offset after the copy. Up to 32 bytes a plain loop beats the call into native code.
 */
export function copyBytes(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  if (end - start > 32) return at + source.copy(target, at, start, end)
  for (let from = start; from < end; from++) target[at++] = source[from]!
  return at
}

/** Refuses what MQTT does not count as text; `what` names the field in the message. */
export function checkText(buffer: Buffer, start: number, end: number, what: string): void {
  const fault = textFault(buffer, start, end)
  if (fault !== undefined) throw new MqttError(ReasonCode.MalformedPacket, `${what} ${fault}.`)
}

/** Refuses what cannot be the name of a topic. A byte-keyed cache that knows the name may skip this. */
export function checkTopicName(buffer: Buffer, start: number, end: number, what: string): void {
  checkText(buffer, start, end, what)
  if (start === end) {
    throw new MqttError(ReasonCode.ProtocolError, `${what} is empty.`) // [MQTT-4.7.3-1] [v3 MQTT-4.7.3-1]
  }
  for (let at = start; at < end; at++) {
    const byte = buffer[at]!
    if (byte === PLUS || byte === HASH) {
      // [MQTT-3.3.2-2] [MQTT-4.7.0-1] [v3 MQTT-3.3.2-2]
      throw new MqttError(
        ReasonCode.TopicNameInvalid,
        `${what} ${JSON.stringify(buffer.toString('utf8', start, end))} holds a wildcard; messages ` +
          'go to exact topics only.',
      )
    }
  }
}

const PLUS = 0x2b
const HASH = 0x23

/**
 * Well-formed means the shortest form, no surrogates, nothing above U+10FFFF (table 3-7 of the Unicode
 * Standard).
 */
function textFault(buffer: Buffer, start: number, end: number): string | undefined {
  let at = start
  while (at < end) {
    const byte = buffer[at++]!
    if (byte < 0x80) {
      // [MQTT-1.5.4-2] [v3 MQTT-1.5.3-2] [MQTT-4.7.3-2] [v3 MQTT-4.7.3-2]
      if (byte === 0) return 'holds U+0000'
      continue
    }
    const more = byte < 0xc2 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf5 ? 3 : 0
    if (more === 0 || at + more > end) return ILL_FORMED // [MQTT-1.5.4-1] [v3 MQTT-1.5.3-1]
    const low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80
    const high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf
    if (buffer[at]! < low || buffer[at]! > high) return ILL_FORMED
    for (let next = at + 1; next < at + more; next++) {
      if ((buffer[next]! & 0xc0) !== 0x80) return ILL_FORMED
    }
    at += more
  }
  return undefined
}

const ILL_FORMED = 'is not well-formed UTF-8'
