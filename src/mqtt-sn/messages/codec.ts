// Bytes of a datagram ↔ one message. A message begins with its length, of one octet or of three (5.2.1), and
// its type.
//
// Always: whatever the bytes are, `decode` returns.

import type { Field } from './fields.ts'
import { FORMS, type Message } from './messages.ts'

/** What is no message, and why: the rest of a sentence that begins with the datagram. */
export interface Malformed {
  readonly type: 'malformed'
  readonly why: string
}

type AnyFields = Readonly<Record<string, Field<unknown>>>

const NAMES = new Map<number, string>(Object.entries(FORMS).map(([name, [type]]) => [type, name]))

/** A first octet that says that the length is in the two that follow. */
const LONG = 0x01
/** The longest message whose length is one octet. */
const LONGEST_SHORT = 255

export function decode(bytes: Buffer): Message | Malformed {
  const header = headerOf(bytes)
  if (header === undefined) return malformed('has not the length that it names')
  const name = NAMES.get(bytes[header]!)
  if (name === undefined) return malformed(`is of no known type (${bytes[header]!})`)
  const message: Record<string, unknown> = { type: name }
  let at = header + 1
  for (const [key, field] of Object.entries(fieldsOf(name))) {
    if (at + field.size > bytes.length) return malformed(`is too short for ${name.toUpperCase()}`)
    const read = field.read(bytes, at, bytes.length)
    if (read === undefined) return malformed(`has a ${key} that ${name.toUpperCase()} may not have`)
    message[key] = read.value
    at += field.sizeOf(read.value)
  }
  if (at < bytes.length) return malformed(`is too long for ${name.toUpperCase()}`)
  return message as Message
}

/** @throws RangeError for what the two octets of a length cannot name; see `lengthOf` */
export function encode(message: Message): Buffer {
  const values = valuesOf(message)
  const bytes = Buffer.allocUnsafe(lengthOf(message))
  let at = writeLength(bytes)
  bytes[at++] = FORMS[message.type][0]
  for (const [key, field] of Object.entries(fieldsOf(message.type))) {
    field.write(values[key], bytes, at)
    at += field.sizeOf(values[key])
  }
  return bytes
}

/** How many bytes a message takes, also one that is too long to be encoded. */
export function lengthOf(message: Message): number {
  const values = valuesOf(message)
  const fields = Object.entries(fieldsOf(message.type))
  const short = fields.reduce((size, [key, field]) => size + field.sizeOf(values[key]), 2)
  return short > LONGEST_SHORT ? short + 2 : short
}

const valuesOf = (message: Message) => message as unknown as Readonly<Record<string, unknown>>

const fieldsOf = (name: string): AnyFields => FORMS[name as keyof typeof FORMS][1]

/** Where the type stands; `undefined` unless the length is that of the bytes. */
function headerOf(bytes: Buffer): number | undefined {
  if (bytes[0] === LONG) return bytes.length >= 4 && bytes.readUInt16BE(1) === bytes.length ? 3 : undefined
  return bytes.length >= 2 && bytes[0] === bytes.length ? 1 : undefined
}

function writeLength(bytes: Buffer): number {
  if (bytes.length <= LONGEST_SHORT) return bytes.writeUInt8(bytes.length, 0)
  bytes[0] = LONG
  return bytes.writeUInt16BE(bytes.length, 1)
}

const malformed = (why: string): Malformed => ({ type: 'malformed', why })
