// Measures the memory of a retained message, beside what `limits.retainedSize` counts for it.
//
//   node --expose-gc bench/retained.ts [messages]

import { hidesDollar } from '../src/topics/hidden.ts'
import { Counters } from '../src/broker/bounds/counters.ts'
import { DEFAULT_LIMITS } from '../src/broker/bounds/limits.ts'
import { messageFrom } from '../src/broker/message/message.ts'
import { RetainedMessages } from '../src/broker/routing/retained.ts'

const count = Number(process.argv[2] ?? 300_000)

function memory(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

process.stdout.write('payload, bytes   taken   counted   (bytes a message)\n')
for (const length of [1, 100, 1_000]) {
  const limits = { ...DEFAULT_LIMITS, retainedMessages: Infinity, retainedBytes: Infinity }
  const retained = new RetainedMessages({
    limits,
    counters: new Counters(),
    root: 'vigie',
    hides: hidesDollar,
  })
  const before = memory()
  for (let index = 0; index < count; index++) {
    const topic = `sensors/house${index % 1_000}/device${index}/temperature`
    const payload = new Uint8Array(length)
    const message = messageFrom({ topic, payload, properties: null, qos: 1, retain: true, at: 0 })
    retained.set(message, index + 1)
  }
  const taken = Math.round((memory() - before) / count)
  const counted = Math.round(retained.taken / count)
  process.stdout.write(
    `${String(length).padStart(14)} ${String(taken).padStart(7)} ${String(counted).padStart(9)}\n`,
  )
}
