// Gives the memory of what was read from a socket, or written to it, back at once. Node puts each chunk into 64 KiB of its own; left to the garbage
// collector, that is gigabytes a second under load, swept by other threads, and ever cold memory to read into.
//
// Always: whoever needs bytes of a chunk for longer than its turn has copied them.

/** Below this, letting go costs more than it gives. */
const WORTHWHILE_BYTES = 1_024

/** Of bytes that nobody looks at any more. Only where they have memory of their own. */
export function giveBack(bytes: Buffer): void {
  const { buffer } = bytes
  if (bytes.length < WORTHWHILE_BYTES || bytes.length !== buffer.byteLength) return
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
