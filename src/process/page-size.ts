// The size of a page of memory, in which the kernel counts what a process has resident.

import { readFileSync } from 'node:fs'

/** AT_PAGESZ of getauxval(3). */
const PAGE_SIZE = 6n
const USUAL_BYTES = 4096

let known: number | undefined

/** From the auxiliary vector that the kernel gave to this process; 4 KiB where that cannot be read. */
export const pageBytes = (): number => (known ??= readPageBytes())

function readPageBytes(file = '/proc/self/auxv'): number {
  try {
    const words = new BigUint64Array(new Uint8Array(readFileSync(file)).buffer)
    for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === PAGE_SIZE) return Number(words[at + 1])
  } catch {
    // No Linux of 64 bits.
  }
  return USUAL_BYTES
}
