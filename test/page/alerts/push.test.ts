// Covers `src/page/alerts/tell-browser.tsx`, `src/page/worker/push-worker.ts`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { subscriptionsIn } from '../../../src/secrets/push-subscriptions.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { forAllTests } from '../../support/lifetime.ts'
import { closeBrowser, openPage } from '../../support/page.ts'
import { itWith } from '../../support/tools.ts'

let folder = ''
let origin = ''

beforeAll(
  forAllTests(async () => {
    folder = temporaryFolder()
    const config = join(folder, 'vigie.config.ts')
    writeFileSync(
      config,
      `import { webPush } from 'vigie/channels'
      export default { alerts: { channels: { browsers: webPush({ contact: 'mailto:me@example.org' }) } } }\n`,
    )
    const hub = await startHubProcess(['--data', folder, '--rules', temporaryFolder(), '--config', config])
    origin = `http://127.0.0.1:${hub.http}`
  }),
)
afterAll(closeBrowser)

const PUSHED = {
  tag: 'nas-1',
  title: 'nas is down',
  body: 'No answer for 2 min.',
  at: 1_764_500_000_000,
  severity: 'critical',
  isHeard: true,
  buttons: [
    { label: 'Show', url: 'https://hub.example/alert?show' },
    { label: 'Acknowledge', url: 'https://hub.example/alert?ack' },
  ],
}

/** Stands for the push service of the maker of the browser, which is not on this machine. */
const PUSH_SERVICE = `
  let held = null
  PushManager.prototype.getSubscription = async () => held
  PushManager.prototype.subscribe = async ({ applicationServerKey: key }) => {
    const bytes = Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const endpoint = 'https://push.example/browser-1'
    const keys = { p256dh: key, auth: 'BTBZMqHH6r4Tts7J_aSIgg' }
    held = {
      endpoint, options: { applicationServerKey: bytes.buffer }, toJSON: () => ({ endpoint, keys }),
      unsubscribe: async () => { held = null; return true },
    }
    return held
  }`

async function alertsPage(
  prepare: (context: BrowserContext) => Promise<void> = async () => {},
): Promise<Page> {
  const { page } = await openPage('about:blank')
  await prepare(page.context())
  await page.goto(`${origin}/alerts`)
  return page
}

const allow = (context: BrowserContext) => context.grantPermissions(['notifications'], { origin })

itWith('chromium')('the button subscribes the browser at the hub, and ends that again', async () => {
  const page = await alertsPage(async (context) => {
    await allow(context)
    await context.addInitScript(PUSH_SERVICE)
  })
  await page.getByRole('button', { name: 'Tell this browser' }).click()
  await page.getByText('This browser is told of alerts.').waitFor()
  expect(subscriptionsIn(folder)).toMatchObject([{ endpoint: 'https://push.example/browser-1' }])
  await page.getByRole('button', { name: 'Stop telling this browser' }).click()
  await page.getByRole('button', { name: 'Tell this browser' }).waitFor()
  expect(subscriptionsIn(folder)).toEqual([])
})

itWith('chromium')('the button says why the browser cannot be told', async () => {
  const page = await alertsPage()
  await page.getByRole('button', { name: 'Tell this browser' }).click()
  await page.getByText('This browser does not let the hub show notifications').waitFor()
})

itWith('chromium')(
  'a push message is shown, the next one of its tag replaces it, a click opens its link',
  async () => {
    const page = await alertsPage(allow)
    const context = page.context()
    const protocol = await context.newCDPSession(page)
    const registered = new Promise<string>((resolve) => {
      protocol.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
        if (first !== undefined) resolve(first.registrationId)
      })
    })
    await protocol.send('ServiceWorker.enable')
    const started = context.waitForEvent('serviceworker')
    await page.evaluate(
      `navigator.serviceWorker.register('/push-worker.js').then(() => navigator.serviceWorker.ready)`,
    )
    const worker = await started
    const registrationId = await registered
    const push = (message: object) =>
      protocol.send('ServiceWorker.deliverPushMessage', {
        origin,
        registrationId,
        data: JSON.stringify(message),
      })
    const shown = (): Promise<unknown> =>
      worker.evaluate(`self.registration.getNotifications().then((all) => all.map(
      ({ title, body, tag, silent, actions }) => ({ title, body, tag, silent, actions: actions.map((a) => a.title) })))`)
    const news = { title: 'nas is down', body: 'No answer for 2 min.', tag: 'nas-1', silent: false }

    await push(PUSHED)
    await expect.poll(shown).toEqual([{ ...news, actions: ['Acknowledge'] }])
    await push({ ...PUSHED, title: 'Resolved: nas is down', isHeard: false })
    await expect
      .poll(shown)
      .toEqual([{ ...news, title: 'Resolved: nas is down', silent: true, actions: ['Acknowledge'] }])

    // A real click needs a desktop; openWindow is refused without one.
    const opened = await worker.evaluate(`(async () => {
    const opened = []
    self.clients.openWindow = async (url) => void opened.push(url)
    const [notification] = await self.registration.getNotifications()
    for (const action of ['', '1'])
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification, action }))
    return opened
  })()`)
    expect(opened).toEqual(['https://hub.example/alert?show', 'https://hub.example/alert?ack'])
    await expect.poll(shown).toEqual([])
  },
)
