// The views of the page in a real Chromium, on a hub at work. Covers `src/page/processes/ending.ts`,
// `src/page/shell/now.ts`, `src/page/words/states.ts`.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forAllTests } from '../support/lifetime.ts'
import { closeBrowser, expectAccessible, openPage, PHONE } from '../support/page.ts'
import { describeWith } from '../support/tools.ts'
import { type Scene, startScene, until, VIEWS } from './scene.ts'

describeWith('chromium')('the views', () => {
  let scene: Scene
  beforeAll(forAllTests(async () => void (scene = await startScene())))
  afterAll(closeBrowser)

  const open = async (name: keyof typeof VIEWS, options: Parameters<typeof openPage>[1] = {}) => {
    const { path, shows } = VIEWS[name]!
    const opened = await openPage(scene.at(await path(scene)), options)
    await opened.page.getByText(shows).first().waitFor()
    return opened
  }

  for (const name of Object.keys(VIEWS))
    it(`show ${name}: accessible in light, and in dark on a phone, within its width`, async () => {
      const { page, problems } = await open(name, { colorScheme: 'light' })
      await expectAccessible(page)
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.setViewportSize(PHONE)
      expect(await page.evaluate('document.querySelector("main").scrollWidth')).toBe(PHONE.width)
      await expectAccessible(page)
      expect(problems).toEqual([])
    })

  describe('by keyboard alone', () => {
    it('acknowledge an alert, and take that back', async () => {
      const { page } = await open('alert')
      await ask(page, /^Acknowledge/, async () => {
        await page.getByLabel('Your name').fill('anna')
        await page.keyboard.press('Enter')
      })
      await expectSaid(page, /is acknowledged: event #\d+/)
      await page.getByText('acknowledged', { exact: true }).first().waitFor()
      expect(await scene.api('/api/alerts/battery%2Fattic')).toMatchObject({
        state: 'acknowledged',
        acknowledgedBy: expect.stringContaining('anna') as string,
      })
      await ask(page, /^Unacknowledge/, () => page.keyboard.press('Enter'))
      await expectSaid(page, /is no longer acknowledged/)
    })

    it('leave a question with Escape: nothing is done, and the focus is where it was', async () => {
      const { page } = await open('alert')
      await ask(page, /^Resolve/, () => page.keyboard.press('Escape'))
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Resolve')
      expect(await scene.api('/api/alerts/battery%2Fattic')).toMatchObject({ state: 'firing' })
    })

    it('retry a dead run', async () => {
      const { page } = await open('run')
      await ask(page, 'Retry', () => page.keyboard.press('Enter'))
      await expectSaid(page, /^Run \d+ is tried again\.$/)
      await page.getByText(/^[34] attempts$/).waitFor()
    })

    it('retry all dead runs of one error, then discard them', async () => {
      const { page } = await open('dead runs')
      await ask(page, 'Retry all 3 of send-invoice', () => page.keyboard.press('Enter'))
      await expectSaid(page, '3 runs are tried again.')
      const dead = async (): Promise<number> => (await scene.api<Totals>('/api/status')).store.runs.dead
      await until(async () => (await dead()) === 3)
      await ask(page, 'Discard all 3 of send-invoice', async () => {
        await page.keyboard.press('Tab')
        await page.keyboard.press('Enter')
      })
      await expectSaid(page, '3 runs are discarded.')
      await page.getByText('No run is dead.').waitFor()
      expect(await dead()).toBe(0)
    })

    it('cancel a run', async () => {
      await scene.publish('jobs/backup', 'now')
      const running = (): Promise<readonly { readonly id: number; readonly state: string }[]> =>
        scene.api('/api/runs?rule=backup')
      await until(async () => (await running())[0]?.state === 'running')
      const { page } = await openPage(scene.at(`/runs/${(await running())[0]!.id}`))
      await ask(page, 'Cancel the run', async () => {
        await page.keyboard.press('Tab')
        await page.keyboard.press('Enter')
      })
      await expectSaid(page, /^Run \d+ is cancelled\.$/)
      await until(async () => (await running())[0]?.state === 'cancelled')
    })

    it('end what a watch finds, after a list of what is meant', async () => {
      const { page } = await open('processes')
      await ask(page, 'End the processes of sleepers', async () => {
        await page.getByLabel('Only tell which would be ended').press('Space')
        await page.getByLabel('Your name').press('Enter')
      })
      await expectSaid(page, /^Sleep \(\d+\) is meant\. \(event #\d+\)$/)
      await ask(page, 'End the processes of sleepers', () => page.getByLabel('Your name').press('Enter'))
      await expectSaid(page, /^Sleep \(\d+\) ended\. \(event #\d+\)$/)
      await page.getByText('0 processes').waitFor()
    })

    it('disconnect a client', async () => {
      const { page } = await open('client')
      await ask(page, 'Disconnect', () => page.getByLabel('Your name').press('Enter'))
      await expectSaid(page, /^dashboard was disconnected: event #\d+\.$/)
      await page.getByText('the hub disconnected it').first().waitFor()
      await page.getByText('(for', { exact: false }).first().waitFor()
    })

    it('find events by topic and text, and choose a time', async () => {
      const { page } = await open('history')
      await page.getByLabel('Topics').fill('doors/+')
      await page.keyboard.press('Enter')
      await page.getByRole('cell', { name: 'shop/orders' }).first().waitFor({ state: 'detached' })
      await page.getByLabel('Text in the payload').fill('open')
      await page.keyboard.press('Enter')
      await page.getByRole('row').nth(2).waitFor({ state: 'detached' })
      expect(new URL(page.url()).search).toBe('?filter=doors%2F%2B&contains=open')
      await page.getByText('Choose by keyboard').press('Enter')
      await page.getByRole('slider', { name: 'From' }).press('End')
      // The last bar may have begun a moment ago, after all that happens in the scene.
      await page.getByRole('slider', { name: 'From' }).press('ArrowLeft')
      await page.getByRole('button', { name: 'Show this time' }).press('Enter')
      await page.waitForURL(/since=\d{4}-/)
      await page.getByRole('cell', { name: 'doors/front' }).waitFor()
    })
  })

  it('say why the hub refuses, and leave the question open', async () => {
    await scene.publish('shop/orders', '{}')
    await until(async () => (await scene.api<Totals>('/api/status')).store.runs.dead === 1)
    const { page } = await open('run')
    await page.route('**/retry', (route) => route.fulfill({ status: 409, json: { error: 'Run 4 is done.' } }))
    await ask(page, 'Retry', () => page.keyboard.press('Enter'))
    await page.getByRole('alert').getByText('Run 4 is done.').waitFor()
    expect(await page.getByRole('dialog').isVisible()).toBe(true)
  })

  it('show the numbers of a payload as they came', async () => {
    await scene.publish('meters/power', '{"total":9007199254740993,"now":1.0}')
    const { page } = await openPage(scene.at('/history?filter=meters/%23'))
    await page.getByText('{"total":9007199254740993,"now":1.0}').waitFor()
    await page.getByRole('link', { name: /^#\d+$/ }).click()
    const shown = page.getByRole('region', { name: 'Payload' })
    expect(await shown.textContent()).toBe('{\n  "total": 9007199254740993,\n  "now": 1.0\n}')
  })

  it('save what was found as a file', async () => {
    const { page } = await openPage(scene.at('/history?filter=doors/%23'))
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as CSV' }).click()
    expect((await saved).suggestedFilename()).toBe('events.csv')
    await expectSaid(page, 'Saved 4 events.')
  })

  it('choose a time by dragging over the bars', async () => {
    const { page } = await open('history')
    const { x, y, width } = (await page.locator('.brush svg').boundingBox())!
    await page.mouse.move(x + width * 0.75, y + 20)
    await page.mouse.down()
    await page.mouse.move(x + width - 2, y + 20, { steps: 3 })
    await page.mouse.up()
    await page.waitForURL(/since=\d{4}-/)
    expect(new URL(page.url()).searchParams.get('since')).toMatch(/^\d{4}-/)
  })

  it('ask the hub for nothing while nobody sees them', async () => {
    const { page } = await open('overview')
    await page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))`)
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.clock.install()
    await page.clock.fastForward(120_000)
    expect(asked).toEqual([])
  })
})

interface Totals {
  readonly store: { readonly runs: { readonly dead: number } }
}

/** Opens the question of a button by keyboard, and answers it. */
async function ask(page: Page, button: string | RegExp, answer: () => Promise<void>): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: button, exact: true }).press('Enter')
  await page.getByRole('dialog').waitFor()
  await answer()
}

async function expectSaid(page: Page, text: string | RegExp): Promise<void> {
  const main = page.getByRole('main')
  try {
    await main.getByRole('status').getByText(text).waitFor()
  } catch {
    throw new Error(`The page does not say ${String(text)}, but: ${await main.innerText()}`)
  }
}
