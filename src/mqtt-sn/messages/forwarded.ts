// The encapsulation that a forwarder puts around the messages of the wireless nodes that it serves (5.5). Its
// length covers the header only; the message follows. The address of a client behind a forwarder is that of
// the forwarder, and the node's.

const TYPE = 0xfe
/** Length, type and the octet that holds the radius. */
const HEADER = 3
const RADIUS = 0b11

export interface Forwarded {
  /** How far the answer is to be broadcast by the forwarder, in hops; 0 to 3. */
  readonly radius: number
  readonly node: Buffer
  readonly message: Buffer
}

/** `undefined` if the bytes are no encapsulation. */
export function decodeForwarded(bytes: Buffer): Forwarded | undefined {
  const header = bytes[0]
  if (header === undefined || bytes[1] !== TYPE || header < HEADER || header >= bytes.length) return undefined
  return {
    radius: bytes[2]! & RADIUS,
    node: bytes.subarray(HEADER, header),
    message: bytes.subarray(header),
  }
}

export function encodeForwarded({ radius, node, message }: Forwarded): Buffer {
  const header = HEADER + node.length
  return Buffer.concat([Buffer.from([header, TYPE, radius]), node, message])
}
