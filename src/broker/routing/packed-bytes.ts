// Bytes that lie for a long time, by the hundred thousand. A Buffer costs some two hundred bytes beside what
// it holds, and one of a few bytes keeps a whole slab of Node's pool from being freed; a string costs
// sixteen. So short bytes are kept as a string with a letter for each byte, long ones as a Buffer with memory
// of its own.

/**
 * In bytes. A string up to this length takes less memory, and is made into bytes again in about a
 * microsecond.
 */
const LONGEST_STRING = 512

export type PackedBytes = string | Buffer

export const pack = (bytes: Buffer): PackedBytes =>
  bytes.length <= LONGEST_STRING ? bytes.toString('latin1') : Buffer.from(new Uint8Array(bytes).buffer)

export const unpack = (packed: PackedBytes): Buffer =>
  typeof packed === 'string' ? Buffer.from(packed, 'latin1') : packed
