// A real PHP and a real Python page with the asynchronous hook: answered at once, or when the work is done; and the hub is
// killed in between, and the result comes all the same.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connectAsync } from 'mqtt'
import { expect } from 'vitest'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'
import { itWith } from '../support/tools.ts'

const EXAMPLE = join(ROOT, 'examples', 'web-server')

/** A program that makes an invoice as soon as the file `paper` is in its folder, and says that it has begun. */
const INVOICE = `#!/bin/sh
cd "$(dirname "$0")"
: > "begun-$1"
until test -e paper; do sleep 0.05; done
echo "Invoice $1: $(cat)"
`

interface Answer {
  readonly status: number
  readonly event: number | null
  readonly states: readonly string[]
  readonly error: string | null
}

const PAGES = {
  php: ['php', ['-S', '127.0.0.1:0', join(EXAMPLE, 'shop.php')]],
  python3: ['python3', [join(EXAMPLE, 'shop.py'), '0']],
} as const

for (const name of ['php', 'python3'] as const)
  itWith(name)(`a page in ${name} is answered, and what it ordered outlives the hub`, async () => {
    const folder = temporaryFolder()
    const at = (file: string): string => join(folder, file)
    mkdirSync(at('rules'))
    writeFileSync(at('invoice'), INVOICE)
    chmodSync(at('invoice'), 0o755)
    const start = (port: number) =>
      startHubProcess(['--data', at('data'), '--rules', EXAMPLE, '--http', String(port)], {
        INVOICE: at('invoice'),
      })
    const hub = await start(0)
    const order = await startPage(name, hub.http)

    expect(await order('POST', '/17', 'item=tea&count=2')).toMatchObject({ status: 202, error: null })
    const { event } = await order('POST', '/18', 'item=tea&count=1&wait=1ms')
    expect(event).toBeGreaterThan(0)
    await appears(folder, 'begun-17')
    await hub.end('SIGKILL')
    expect(await order('POST', '/19', 'item=tea&count=2')).toMatchObject({ status: 503 })

    const again = await start(hub.http)
    writeFileSync(at('paper'), '')
    const client = await connectAsync(`mqtt://127.0.0.1:${again.mqtt}`)
    whenOver(() => client.endAsync(true))
    const invoices = new Map<string, string>()
    const both = Promise.withResolvers<void>()
    client.on('message', (topic, payload) => {
      invoices.set(topic, payload.toString())
      if (invoices.size === 2) both.resolve()
    })
    await client.subscribeAsync('invoices/+', { qos: 1 })
    await both.promise
    expect(invoices.get('invoices/17')).toMatch(/^Invoice 17: \{"item": ?"tea", ?"count": ?2\}\n$/)
    expect(invoices.get('invoices/18')).toMatch(/^Invoice 18: \{"item": ?"tea", ?"count": ?1\}\n$/)
    expect(await order('GET', `/${event}`)).toMatchObject({ status: 200, event, states: ['done'] })
    // With paper in the printer, the visitor may wait for it.
    expect(await order('POST', '/20', 'item=tea&count=3&wait=30s')).toMatchObject({
      status: 200,
      states: ['done'],
    })
  })

/** Resolves with what asks the page, when it listens. */
async function startPage(name: keyof typeof PAGES, hubPort: number) {
  const [command, args] = PAGES[name]
  const page = spawn(command, args, {
    env: { ...process.env, VIGIE_HTTP: `http://127.0.0.1:${hubPort}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(page, 'close')
  whenOver(async () => {
    page.kill('SIGKILL')
    await ended
  })
  const url = await new Promise<string>((resolve) => {
    for (const stream of [page.stdout, page.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)
        if (found) resolve(found[0])
      })
  })
  return async (method: string, path: string, form?: string): Promise<Answer> => {
    const answer = await fetch(url + path, {
      method,
      ...(form !== undefined && {
        body: form,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      }),
    })
    const text = await answer.text()
    return { status: answer.status, ...(JSON.parse(text) as Omit<Answer, 'status'>) }
  }
}

/** Resolves when the folder has a file of this name. */
async function appears(folder: string, name: string): Promise<void> {
  const watcher = watch(folder)
  whenOver(() => watcher.close())
  while (!existsSync(join(folder, name))) await once(watcher, 'change')
}
