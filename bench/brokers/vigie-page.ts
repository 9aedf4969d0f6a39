// Vigie with a page open that shows all topics and all messages, as far as the hub is concerned: a stream of frames
// that is read to its end. Beside vigie it shows what an open page costs the broker.
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { findFreePort } from './broker.ts'
import type { Broker } from './broker.ts'
import { startVigie } from './vigie.ts'

export const vigieWithPage: Broker = {
  name: 'vigie+page',
  start: async () => {
    const http = await findFreePort()
    const running = await startVigie({ http })
    const page = new AbortController()
    await open(`http://127.0.0.1:${http}/api/live`, page.signal)
    return {
      ...running,
      stop: async () => {
        page.abort()
        await running.stop()
      },
    }
  },
}

async function open(address: string, signal: AbortSignal): Promise<void> {
  const stream = await fetch(address, { signal })
  const lines = createInterface({ input: Readable.fromWeb(stream.body! as ReadableStream) })
  // The end of the measurement ends the stream.
  lines.on('error', () => {})
  const id = await new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      const found = /"id":"([^"]+)"/.exec(line)
      if (found) resolve(found[1]!)
    })
  })
  const shown = {
    topics: { kind: 'topics', open: ['bench', 'bench/0'] },
    messages: { kind: 'messages', filter: '#' },
  }
  const told = await fetch(`${address}/${id}`, { method: 'POST', body: JSON.stringify(shown) })
  if (!told.ok) throw new Error(`The hub refused what the page shows: ${await told.text()}`)
}
