// Measures the page in a real Chromium while a hub with very many topics is busy: the memory of the tab, the CPU of
// its renderer, how soon a key is answered on the screen, and what the open page costs the hub. Afterwards the same
// with the page hidden, which is to cost nothing.
//
//   npm run build:page && node bench/page.ts [--topics 100000] [--rate 5000] [--seconds 20]
//
// The promise is for ten minutes: --seconds 600. Limits that are missed are told, and end it with 1.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { connectAsync, type MqttClient } from 'mqtt'
import { type CDPSession, chromium, type Page } from 'playwright-core'
import { sample } from './machine.ts'
import { median } from './report.ts'

const BIN = join(import.meta.dirname, '../src/bin.js')

/** What the page promises. */
const MOST_HEAP = 150e6
const MOST_CPU = 0.2
const SLOWEST_KEY_MS = 100

const { values } = parseArgs({
  options: {
    topics: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '20' },
  },
})
const topics = Number(values.topics)
const rate = Number(values.rate)
const seconds = Number(values.seconds)

async function bench(): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, { clientId: 'bench' })
  process.stderr.write(`Publishing on ${topics} topics…\n`)
  for (let first = 0; first < topics; first += 1_000)
    await Promise.all(
      Array.from({ length: Math.min(1_000, topics - first) }, (_, index) =>
        client.publishAsync(topicOf(first + index), payloadOf(first), { qos: 1 }),
      ),
    )
  const stop = load(client)
  const alone = await hubCpu(Math.min(seconds, 20))

  const server = await chromium.launchServer({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const browser = await chromium.connect(server.wsEndpoint())
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  process.stderr.write(`Opening the page…\n`)
  const openedAt = performance.now()
  await page.goto(`http://127.0.0.1:${hub.http}/topics?topic=${encodeURIComponent(topicOf(0))}`)
  await page.locator('.row', { hasText: 'device-0' }).first().waitFor({ timeout: 120_000 })
  const rowsMs = performance.now() - openedAt
  await page.getByText(`reading the history`).waitFor({ state: 'hidden', timeout: 300_000 })
  const restoredMs = performance.now() - openedAt
  const renderer = rendererOf(server.process().pid!)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  await page.evaluate(NOTE_KEYS)

  const shown = await watchFor(page, session, renderer, seconds)
  await page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))`)
  await delay(2_000)
  const before = cpuMsOf(renderer)
  await delay(5_000)
  const hidden = (cpuMsOf(renderer) - before) / 5_000
  stop()
  await server.close()
  await client.endAsync(true)

  const rows: [string, string, boolean][] = [
    ['heap of the tab, highest', `${(shown.heap / 1e6).toFixed(1)} MB`, shown.heap < MOST_HEAP],
    ['heap of the tab, at the end', `${(shown.lastHeap / 1e6).toFixed(1)} MB`, shown.lastHeap < MOST_HEAP],
    ['renderer, share of a core', percent(shown.renderer), shown.renderer < MOST_CPU],
    ['renderer while hidden', percent(hidden), hidden < 0.02],
    ['key to screen, median', `${median(shown.keys).toFixed(0)} ms`, true],
    [
      'key to screen, slowest',
      `${Math.max(...shown.keys).toFixed(0)} ms`,
      Math.max(...shown.keys) < SLOWEST_KEY_MS,
    ],
    ['hub without the page', percent(alone), true],
    ['hub with the page', percent(shown.hub), true],
    ['first rows after', `${rowsMs.toFixed(0)} ms`, true],
    ['all of the history after', `${restoredMs.toFixed(0)} ms`, true],
  ]
  console.log(`${topics} topics, ${rate} messages a second, ${seconds} s, ${shown.keys.length} keys:`)
  for (const [name, value, isGood] of rows)
    console.log(`  ${name.padEnd(30)} ${value.padStart(10)}${isGood ? '' : '   missed'}`)
  if (rows.some(([, , isGood]) => !isGood)) process.exitCode = 1
}

/** Notes how long after each key the next frame is on its way to the screen. */
const NOTE_KEYS = `
  window.keys = []
  addEventListener('keydown', ({ timeStamp }) => {
    requestAnimationFrame(() => setTimeout(() => window.keys.push(performance.now() - timeStamp)))
  }, true)`

interface Watched {
  readonly heap: number
  readonly lastHeap: number
  readonly renderer: number
  readonly hub: number
  readonly keys: readonly number[]
}

/** Goes through the tree by keys, two a second, and measures meanwhile. */
async function watchFor(
  page: Page,
  session: CDPSession,
  renderer: number,
  lengthS: number,
): Promise<Watched> {
  await page.getByRole('tree').focus()
  const from = { renderer: cpuMsOf(renderer), hub: sample(hub.child.pid!), at: performance.now() }
  let heap = 0
  let lastHeap = 0
  const keys = ['ArrowDown', 'ArrowDown', 'PageDown', 'ArrowUp', 'PageDown', 'End', 'PageUp', 'Home']
  for (let round = 0; performance.now() - from.at < lengthS * 1_000; round++) {
    await page.keyboard.press(keys[round % keys.length]!)
    await delay(500)
    if (round % 4 !== 0) continue
    const { metrics } = await session.send('Performance.getMetrics')
    lastHeap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0
    heap = Math.max(heap, lastHeap)
  }
  const lengthMs = performance.now() - from.at
  const to = sample(hub.child.pid!)
  await session.send('HeapProfiler.collectGarbage')
  return {
    heap,
    lastHeap,
    renderer: (cpuMsOf(renderer) - from.renderer) / lengthMs,
    hub: (to.brokerCpuMs - from.hub.brokerCpuMs) / (to.atMs - from.hub.atMs),
    keys: await page.evaluate<number[]>('window.keys'),
  }
}

/** Publishes on the topics in turn. Returns what ends it. */
function load(client: MqttClient): () => void {
  const begunAt = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begunAt) * rate) / 1_000)
    // A machine that was held up does not make up for all of it.
    for (const until = Math.min(due, sent + rate); sent < until; sent++)
      client.publish(topicOf((sent * 7_919) % topics), payloadOf(sent), { qos: 0 })
    sent = due
  }, 20)
  return () => clearInterval(timer)
}

const topicOf = (number: number): string => {
  const [site, line] = [number % 10, Math.floor(number / 10) % 100]
  return `plant/site-${site}/line-${line}/device-${Math.floor(number / 1_000)}`
}

const payloadOf = (number: number): string =>
  JSON.stringify({ temperature: 20 + (number % 100) / 10, ok: number % 7 !== 0, count: number })

async function hubCpu(lengthS: number): Promise<number> {
  await delay(2_000)
  const before = sample(hub.child.pid!)
  await delay(lengthS * 1_000)
  const after = sample(hub.child.pid!)
  return (after.brokerCpuMs - before.brokerCpuMs) / (after.atMs - before.atMs)
}

async function startHub() {
  const args = [BIN, 'start', '--mqtt', '0', '--http', '0', '--data', join(folder, 'data'), '--rules', folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ports: Record<string, number> = {}
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { listener?: string; port?: number; msg: string }
    if (said.listener !== undefined && said.port !== undefined) ports[said.listener] = said.port
    if (said.msg.startsWith('Ready')) break
  }
  child.stdout.resume()
  return { child, mqtt: ports['mqtt']!, http: ports['http']! }
}

/** The renderer of the page is the one that works. */
const rendererOf = (browser: number): number =>
  descendantsOf(browser)
    .filter((pid) => commandOf(pid).includes('--type=renderer'))
    .toSorted((a, b) => cpuMsOf(b) - cpuMsOf(a))[0]!

function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean)
  return children.flatMap((child) => [Number(child), ...descendantsOf(Number(child))])
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}

/** In ticks of ten ms. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-page-'))
const hub = await startHub()
try {
  await bench()
} finally {
  hub.child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
