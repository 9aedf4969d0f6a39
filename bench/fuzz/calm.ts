// Two clients that behave: each message that one publishes at QoS 1 and 2 has to reach the other in order,
// once, and in time.

import { connectAsync } from 'mqtt'

export interface Calm {
  readonly sent: number
  readonly worstMs: number
  /** Returns what was wrong, each fault once. */
  stop(): Promise<readonly string[]>
}

const TOPIC = 'calm/numbers'

export async function startCalm(port: number, everyMs: number): Promise<Calm> {
  const url = `mqtt://127.0.0.1:${port}`
  const [reader, writer] = await Promise.all([
    connectAsync(url, { protocolVersion: 5, clientId: 'calm-reader', reconnectPeriod: 0 }),
    connectAsync(url, { protocolVersion: 4, clientId: 'calm-writer', reconnectPeriod: 0 }),
  ])
  const faults = new Set<string>()
  const sentAt: number[] = []
  /** The next number of each QoS: a client holds a QoS 2 message back until it is released. */
  const due = [0, 1]
  let heard = 0
  let worstMs = 0
  for (const client of [reader, writer])
    client.on('close', () => faults.add('a client that behaves was cut off'))
  reader.on('message', (_, payload) => {
    const number = Number(payload)
    const kind = number % 2
    if (number !== due[kind]) faults.add(`number ${number} came where ${due[kind]} was due`)
    due[kind] = number + 2
    heard++
    worstMs = Math.max(worstMs, performance.now() - sentAt[number]!)
  })
  await reader.subscribeAsync(TOPIC, { qos: 2 })
  const pending = new Set<Promise<unknown>>()
  const timer = setInterval(() => {
    const number = sentAt.push(performance.now()) - 1
    const published = writer.publishAsync(TOPIC, String(number), { qos: number % 2 === 0 ? 1 : 2 })
    pending.add(published)
    void published.finally(() => pending.delete(published)).catch(() => {})
  }, everyMs)
  return {
    get sent() {
      return sentAt.length
    },
    get worstMs() {
      return worstMs
    },
    async stop() {
      clearInterval(timer)
      await Promise.allSettled(pending)
      // Messages that were acknowledged have been sent on: they arrive before the answer to this packet.
      await reader.subscribeAsync('calm/none')
      if (heard !== sentAt.length) faults.add(`${sentAt.length} were published, and ${heard} came`)
      for (const client of [reader, writer]) {
        client.removeAllListeners('close')
        await client.endAsync()
      }
      return [...faults]
    },
  }
}
