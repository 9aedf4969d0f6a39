// Covers `src/page/live/stream.ts`.

import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, vi } from 'vitest'
import { type HubProcess, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { forAllTests, whenOver } from '../support/lifetime.ts'
import { closeBrowser, expectAccessible, openPage } from '../support/page.ts'
import { itWith } from '../support/tools.ts'

let data: string
let rules: string
let hub: HubProcess
let lamp: MqttClient

async function start(ports: readonly string[] = []): Promise<void> {
  hub = await startHubProcess(['--data', data, '--rules', rules, ...ports])
  lamp = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, { clientId: 'lamp', reconnectPeriod: 0 })
  const client = lamp
  whenOver(() => client.endAsync(true))
}

beforeAll(
  forAllTests(async () => {
    data = temporaryFolder()
    rules = temporaryFolder()
    await start()
  }),
)
afterAll(closeBrowser)

const publish = (topic: string, payload: string) => lamp.publishAsync(topic, payload, { qos: 1 })

describe('live', () => {
  itWith('chromium')('shows what comes, by filter and text, and holds still while it is paused', async () => {
    const { page, problems } = await openPage(`http://127.0.0.1:${hub.http}/live?filter=house%2F%23`)
    await page.getByText('Messages appear here').waitFor()
    // The page has said what it shows once a message arrives.
    await vi.waitFor(
      async () => {
        await publish('house/a', 'one')
        expect(await page.getByText('one', { exact: true }).count()).toBeGreaterThan(0)
      },
      { timeout: 30_000, interval: 300 },
    )
    await publish('garden/a', 'elsewhere')
    await page.getByRole('button', { name: 'Pause' }).click()
    await publish('house/a', 'two')
    await publish('house/a', 'three')
    await page.getByText(/^Paused; [2-9] came meanwhile/).waitFor()
    expect(await page.getByText('two', { exact: true }).count()).toBe(0)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('three', { exact: true }).waitFor()
    expect(await page.getByText('elsewhere').count()).toBe(0)
    expect(problems).toEqual([])
  })

  itWith('chromium')('asks nothing of the hub while nobody sees the page', async () => {
    const { page } = await openPage(`http://127.0.0.1:${hub.http}/topics`)
    await page.getByText('Live', { exact: true }).last().waitFor()
    await page.getByRole('treeitem').first().waitFor()
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))`)
    await page.getByText('Idle').waitFor()
    await publish('unseen', '1')
    expect(requests).toEqual([])
    await page.evaluate(`
      delete document.visibilityState
      document.dispatchEvent(new Event('visibilitychange'))`)
    await page.getByRole('treeitem').filter({ hasText: 'unseen' }).waitFor()
  })

  itWith('chromium')('says that the hub is gone, and goes on by itself when it is back', async () => {
    const { page } = await openPage(`http://127.0.0.1:${hub.http}/topics`)
    await page.getByText('Live', { exact: true }).last().waitFor()
    await hub.end('SIGKILL')
    await page.getByText('Not connected, trying again').waitFor()
    await start(['--mqtt', String(hub.mqtt), '--http', String(hub.http)])
    await publish('back/again', 'yes')
    await page.getByRole('treeitem').filter({ hasText: 'back' }).waitFor()
    expect(await page.getByText('Not connected').count()).toBe(0)
  })
})
