// The memory that this process takes for itself, in bytes: heaps, buffers and stacks, without the pages of
// files that it has mapped.

import { readFileSync } from 'node:fs'

const KIB = 1_024

/** Linux: RssAnon of proc(5). Elsewhere: the whole resident set. */
export function ownMemory(): number {
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(status()) ?? []
  return kib === undefined ? process.memoryUsage.rss() : Number(kib) * KIB
}

function status(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8')
  } catch {
    return ''
  }
}
