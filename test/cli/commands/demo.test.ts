// `vigie demo` from outside: it lives, and leaves nothing behind.
//
// Covers `src/cli/demo/players.ts`.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connectAsync } from 'mqtt'
import { expect, it, onTestFinished, vi } from 'vitest'
import { findHub } from '../../../src/config/hub-file.ts'
import { BIN, ROOT, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

it('has rules and settings in which vigie check finds nothing wrong', async () => {
  const { status, out } = await runCommand(['check', '--no-types'], { cwd: join(ROOT, 'demo') })
  expect(out).toMatch(/0 errors, 0 warnings\.\n$/)
  expect(status).toBe(0)
})

it('lets the house live on a real hub, and ends cleanly, with its folder', async () => {
  // Both ports may be those of a hub of this machine: they are left alone.
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const temporary = temporaryFolder()
  const { demo, ended } = spawnDemo(temporary)
  const stderr = text(demo.stderr)
  let said = ''
  await new Promise<void>((resolve) => {
    demo.stdout.on('data', (chunk: Buffer) => {
      said += String(chunk)
      if (said.includes('Ctrl-C ends it.')) resolve()
    })
  })
  const [, mqtt = ''] = /(mqtt:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? []
  const [, data = ''] = /--data (\S+)/.exec(said) ?? []
  expect(Number(new URL(mqtt).port)).not.toBe((taken.address() as AddressInfo).port)
  expect(data.startsWith(temporary)).toBe(true)

  // Within seconds a device is lost, a build ends, and an alert is raised.
  const client = await connectAsync(mqtt)
  const awaited = new Set([
    'devices/boiler/status offline',
    'builds/site/result',
    'vigie/alerts/device-boiler',
  ])
  const all = new Promise<void>((resolve) => {
    client.on('message', (topic, payload) => {
      for (const each of awaited) if (`${topic} ${String(payload)}`.startsWith(each)) awaited.delete(each)
      if (awaited.size === 0) resolve()
    })
  })
  await client.subscribeAsync(['#', 'vigie/#'])
  await all
  await client.endAsync()

  demo.kill('SIGINT')
  expect([await ended, await stderr]).toEqual([[0, null], ''])
  expect(existsSync(data)).toBe(false)
})

it('goes on when nobody reads what it says, and ends as cleanly', async () => {
  const temporary = temporaryFolder()
  const { demo, ended } = spawnDemo(temporary)
  const stderr = text(demo.stderr)
  demo.stdout.destroy()
  const mqtt = await vi.waitFor(
    () => {
      const folder = readdirSync(temporary).find((name) => name.startsWith('vigie-demo-'))!
      return findHub(join(temporary, folder, 'data'))!.mqtt!
    },
    { timeout: 30_000, interval: 50 },
  )
  // The introduction follows the first messages of the house.
  const client = await connectAsync(mqtt)
  const published = new Promise((resolve) => void client.once('message', resolve))
  await client.subscribeAsync('house/#', { qos: 0, rh: 2 })
  await published
  await client.endAsync()
  demo.kill('SIGINT')
  expect([await ended, await stderr]).toEqual([[0, null], ''])
  expect(readdirSync(temporary)).toEqual([])
})

function spawnDemo(temporary: string) {
  const demo = spawn(process.execPath, [BIN, 'demo', '--speed', '2000', '--mqtt', '0', '--http', '0'], {
    env: { ...process.env, TMPDIR: temporary, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(demo, 'close')
  onTestFinished(async () => {
    demo.kill('SIGKILL')
    await ended
  })
  return { demo, ended }
}

it.each(['x', '0', '-1'])('refuses a speed of %s', async (speed) => {
  expect(await runCommand(['demo', `--speed=${speed}`])).toMatchObject({
    status: 2,
    error: expect.stringContaining('It must be a number above 0.'),
  })
})
