// Covers `src/page/topics/use-samples.ts`, `src/page/live/stream.ts`, `src/page/ui/memo.ts`.

import { connectAsync, type MqttClient } from 'mqtt'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, vi } from 'vitest'
import { type HubProcess, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { forAllTests, whenOver } from '../support/lifetime.ts'
import { closeBrowser, expectAccessible, openPage, PHONE } from '../support/page.ts'
import { itWith } from '../support/tools.ts'

let hub: HubProcess
let lamp: MqttClient
const at = (path: string): string => `http://127.0.0.1:${hub.http}${path}`

const publish = (topic: string, payload: string | Buffer, retain = false) =>
  lamp.publishAsync(topic, payload, { qos: 1, retain })

beforeAll(
  forAllTests(async () => {
    hub = await startHubProcess(['--data', temporaryFolder(), '--rules', temporaryFolder()])
    lamp = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, { clientId: 'lamp' })
    whenOver(() => lamp.endAsync(true))
    // Before any page was open: the history has them.
    await publish('house/kitchen/climate', '{"temperature":20.5,"on":true}')
    await publish('house/kitchen/light', 'off', true)
    await publish('house/hall/light', 'on', true)
    await publish('raw', Buffer.from('a16174182a', 'hex'))
    const numbers = Array.from({ length: 400 }, (_, number) => String(number).padStart(3, '0'))
    await Promise.all(numbers.map((number) => publish(`many/${number}`, 'x')))
  }),
)
afterAll(closeBrowser)

const row = (page: Page, name: string) => page.getByRole('treeitem').filter({ hasText: name })
/** The row that the keys are for. */
const active = (page: Page): Promise<string | null> =>
  page.locator('.row[data-active="true"] .name').textContent({ timeout: 5_000 })

describe('topics', () => {
  itWith('chromium')('are all that were ever seen, and change as messages come', async () => {
    const { page, problems } = await openPage(at('/topics'))
    await page
      .getByRole('status')
      .filter({ hasText: /^4\d\d topics/ })
      .waitFor()
    await row(page, 'house').locator('.chevron').click()
    await row(page, 'hall').locator('.chevron').click()
    await row(page, 'light').getByText('on', { exact: true }).waitFor()
    await publish('house/hall/light', 'dimmed', true)
    await row(page, 'light').getByText('dimmed').waitFor()
    await row(page, 'light').getByTitle('A message is retained').waitFor()
    await publish('house/garden/gate', 'open')
    await row(page, 'garden').waitFor()
    expect(problems).toEqual([])
  })

  itWith('chromium')('are walked by keyboard alone, and few rows exist at one time', async () => {
    const { page } = await openPage(at('/topics'))
    const tree = page.getByRole('tree')
    await row(page, 'many').waitFor()
    await tree.focus()
    await page.keyboard.press('m')
    expect(await active(page)).toBe('many')
    await page.keyboard.press('ArrowRight')
    await row(page, '000').waitFor()
    await page.keyboard.press('ArrowRight')
    expect(await active(page)).toBe('000')
    expect(await row(page, '000').getAttribute('aria-setsize')).toBe('400')
    await page.keyboard.press('End')
    await vi.waitFor(async () => expect(await active(page)).toBe('vigie'), { timeout: 10_000 })
    await page.keyboard.press('ArrowUp')
    await vi.waitFor(async () => expect(await active(page)).toBe('raw'), { timeout: 10_000 })
    expect(await page.getByRole('treeitem').count()).toBeLessThan(120)
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Topic raw' }).waitFor()
    expect(new URL(page.url()).search).toBe('?topic=raw')
  })

  itWith('chromium')(
    'are found by filter, by text and by payload, at an address that can be sent',
    async () => {
      const { page } = await openPage(at('/topics?q=house%2F%2B%2Flight'))
      await row(page, 'house/hall/light').waitFor()
      await row(page, 'house/kitchen/light').waitFor()
      const search = page.getByRole('searchbox')
      await search.fill('CLIM')
      await row(page, 'house/kitchen/climate').waitFor()
      await row(page, 'house/hall/light').waitFor({ state: 'hidden' })
      await search.fill('temperature')
      await page.getByRole('button', { name: 'Payloads' }).click()
      await row(page, 'house/kitchen/climate').waitFor()
      expect(new URL(page.url()).search).toBe('?q=temperature&payloads=1')
      await search.fill('a/#/b')
      await page.getByText(/#.*last/).waitFor()
    },
  )

  itWith('chromium')('show what changed in a message, its numbers as a line, and a rule for it', async () => {
    const { page, problems } = await openPage(at('/topics?topic=house%2Fkitchen%2Fclimate'))
    const detail = page.getByRole('region', { name: 'Topic house/kitchen/climate' })
    await detail.getByText('20.5').first().waitFor()
    await publish('house/kitchen/climate', '{"temperature":21.5,"on":true}')
    await detail.locator('[data-kind="added"]', { hasText: '21.5' }).waitFor()
    await detail.locator('[data-kind="removed"]', { hasText: '20.5' }).waitFor()
    await detail.getByRole('button', { name: 'temperature 21.5' }).click()
    await detail.getByRole('img', { name: 'temperature over time, 2 values, the last is 21.5' }).waitFor()
    expect(new URL(page.url()).searchParams.get('plot')).toBe('temperature')
    await detail.getByText('Copy as rule').click()
    await detail.getByText("on: 'house/kitchen/climate'").waitFor()
    await detail.getByText('temperature: z.number(),').waitFor()
    expect(problems).toEqual([])
    await expectAccessible(page)
  })

  itWith('chromium')('are published on, and a topic that cannot be says why', async () => {
    const { page, problems } = await openPage(at('/topics?topic=house%2Fbath%2Flight'))
    const detail = page.getByRole('region', { name: 'Topic house/bath/light' })
    await detail.getByText('Nothing is recorded on exactly this topic.').waitFor()
    await detail.getByText('Publish', { exact: true }).first().click()
    await detail.getByLabel('Payload').fill('bright')
    await detail.getByLabel('Retain').check()
    await detail.getByRole('button', { name: 'Publish' }).click()
    await detail.getByText(/^Published as event \d+\.$/).waitFor()
    await detail.getByText('bright').first().waitFor()
    await row(page, 'light').getByTitle('A message is retained').waitFor()
    await detail.getByLabel('Topic', { exact: true }).fill('house/#')
    await detail.getByRole('button', { name: 'Publish' }).click()
    await detail.locator('p.problem').waitFor()
    // The browser itself notes the answer 400.
    expect(problems).toEqual([expect.stringContaining('400')])
  })

  itWith('chromium')('are decoded where they are no text', async () => {
    const { page } = await openPage(at('/topics?topic=raw'))
    await page.getByText('0000  a1 61 74 18 2a').waitFor()
    await page.getByRole('button', { name: 'CBOR' }).click()
    await page.getByLabel('Payload').getByText('42').waitFor()
    await page.getByRole('button', { name: 'MessagePack' }).click()
    await page.getByText('These bytes are not MessagePack').waitFor()
  })

  itWith('chromium')('lose what is retained once somebody was told how much, and has said yes', async () => {
    await publish('old/a', '1', true)
    await publish('old/b', '2', true)
    const { page } = await openPage(at('/topics?topic=old'))
    await page.getByText('Retained messages').click()
    await page.getByRole('button', { name: 'Clear retained…' }).click()
    await page.getByText('Clear 2 retained messages at old and below?').waitFor()
    await page.getByRole('button', { name: 'Keep' }).click()
    await page.getByRole('button', { name: 'Clear retained…' }).click()
    await page.getByRole('button', { name: 'Clear 2' }).click()
    await page.getByText('2 retained messages cleared.').waitFor()
    const left = (await (await fetch(at('/api/retained?filter=old/%23'))).json()) as unknown[]
    expect(left).toEqual([])
  })

  for (const colorScheme of ['light', 'dark'] as const)
    itWith('chromium')(`are found accessible by axe on a phone in ${colorScheme}`, async () => {
      const { page } = await openPage(at('/topics'), { viewport: PHONE, colorScheme })
      await row(page, 'house').waitFor()
      await expectAccessible(page)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width)
    })
})
