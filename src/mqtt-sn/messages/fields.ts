// The kinds of fields that a message is made of. A field has a fixed length, or takes what is left: only the
// last one may.

import { type Flags, flagsOctet, readFlags } from './flags.ts'
import { ReturnCode } from './return-codes.ts'

export interface Field<T> {
  /** In octets; of a field that takes what is left, the least. */
  readonly size: number
  /** Reads the field; of one that takes what is left, up to `end`. `undefined`: such a value is not allowed. */
  read(bytes: Buffer, at: number, end: number): { readonly value: T } | undefined
  /** How many octets a value takes. */
  sizeOf(value: T): number
  write(value: T, bytes: Buffer, at: number): void
}

export const u8: Field<number> = {
  size: 1,
  read: (bytes, at) => ({ value: bytes[at]! }),
  sizeOf: () => 1,
  write: (value, bytes, at) => void bytes.writeUInt8(value, at),
}

export const u16: Field<number> = {
  size: 2,
  read: (bytes, at) => ({ value: bytes.readUInt16BE(at) }),
  sizeOf: () => 2,
  write: (value, bytes, at) => void bytes.writeUInt16BE(value, at),
}

export const flags: Field<Flags> = octet(readFlags, flagsOctet)

/** Codes that are reserved say no, as well. */
export const returnCode: Field<ReturnCode> = octet(
  (value) => (value <= ReturnCode.notSupported ? (value as ReturnCode) : ReturnCode.notSupported),
  (code) => code,
)

/** What is left, as it came. The bytes lie in those of the datagram. */
export const rest: Field<Buffer> = {
  size: 0,
  read: (bytes, at, end) => ({ value: bytes.subarray(at, end) }),
  sizeOf: ({ length }) => length,
  write: (value, bytes, at) => void value.copy(bytes, at),
}

/** What is left, as UTF-8. */
export const text: Field<string> = {
  size: 0,
  read(bytes, at, end) {
    try {
      return { value: UTF8.decode(bytes.subarray(at, end)) }
    } catch {
      return undefined
    }
  },
  sizeOf: (value) => Buffer.byteLength(value),
  write: (value, bytes, at) => void bytes.write(value, at),
}

/** A field that may be missing, with all that would follow it. */
export const maybe = <T>({ size, ...field }: Field<T>): Field<T | undefined> => ({
  size: 0,
  read(bytes, at, end) {
    if (at === end) return { value: undefined }
    return at + size > end ? undefined : field.read(bytes, at, end)
  },
  sizeOf: (value) => (value === undefined ? 0 : field.sizeOf(value)),
  write: (value, bytes, at) => (value === undefined ? undefined : field.write(value, bytes, at)),
})

function octet<T>(from: (value: number) => T | undefined, to: (value: T) => number): Field<T> {
  return {
    ...u8,
    read(bytes, at) {
      const value = from(bytes[at]!)
      return value === undefined ? undefined : { value }
    },
    sizeOf: () => 1,
    write: (value, bytes, at) => u8.write(to(value), bytes, at),
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
