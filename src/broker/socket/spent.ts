// Gives the memory of a chunk that was read from a socket, or written to it, back at once. Node puts each
// chunk into 64 KiB of its own. Left to the garbage collector, that is gigabytes a second under load, swept
// by other threads, and ever cold memory to read into.
//
// Always: whoever needs bytes of a chunk for longer than its turn has copied them.

/** For fewer bytes, giving them back costs more than it saves. */
const WORTHWHILE_BYTES = 1_024

/** Frees bytes that nobody looks at any more, if they have memory of their own. */
export function giveBack(bytes: Buffer): void {
  const { buffer } = bytes
  if (bytes.length < WORTHWHILE_BYTES || bytes.length !== buffer.byteLength) return
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
