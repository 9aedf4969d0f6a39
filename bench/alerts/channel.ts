// The service behind a webhook, which notes when it is told of an alert. The text of an alert is the moment of the
// event that led to it; the hub's own alerts, which have other texts, do not count.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

const LIMIT_MS = 30_000

/** Moments in Unix milliseconds, with fractions. */
type Told = { readonly toldAt: number; readonly eventAt: number }

type Notified = {
  readonly alerts: readonly [{ readonly key: string; readonly title: string; readonly body: string }]
}

export type Channel = Awaited<ReturnType<typeof openChannel>>

export async function openChannel() {
  const keys = new Set<string>()
  const heard: Told[] = []
  let wake = (): void => {}
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const toldAt = performance.timeOrigin + performance.now()
    const [{ key, title, body }] = (JSON.parse(await text(request)) as Notified).alerts
    response.end()
    if (Number.isNaN(Number(body))) return console.error(`  The hub also told: ${title}: ${body}`)
    if (keys.has(key)) {
      process.exitCode = 1
      return console.error(`  FAULT: the alert ${key} was told twice.`)
    }
    keys.add(key)
    heard.push({ toldAt, eventAt: Number(body) })
    wake()
  }
  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    /** Resolves with the next alert that is told. */
    told: () =>
      new Promise<Told>((resolve, reject) => {
        const fail = () => reject(new Error(`nobody was told within ${LIMIT_MS / 1_000} s`))
        const timer = setTimeout(fail, LIMIT_MS)
        wake = () => {
          const told = heard.shift()
          if (!told) return
          wake = () => {}
          clearTimeout(timer)
          resolve(told)
        }
        wake()
      }),
    forget: () => void heard.splice(0),
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
