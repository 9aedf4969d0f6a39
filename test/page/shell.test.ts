// Covers `src/page/shell/router.ts`, `src/page/shell/store.ts`, `src/page/shell/theme.ts`, `src/page/shell/views.ts`,
// `src/page/shell/visible.ts`, `src/page/api/use-answer.ts`.

import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type HubProcess, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { forAllTests } from '../support/lifetime.ts'
import { closeBrowser, expectAccessible, openPage, PHONE } from '../support/page.ts'
import { itWith } from '../support/tools.ts'

let hub: HubProcess
const at = (path: string): string => `http://127.0.0.1:${hub.http}${path}`

beforeAll(
  forAllTests(async () => {
    hub = await startHubProcess(['--data', temporaryFolder(), '--rules', temporaryFolder()])
  }),
)
afterAll(closeBrowser)

describe('the page', () => {
  itWith('chromium')('says in one sentence whether anything is wrong', async () => {
    const { page, problems } = await openPage(at('/'))
    await page.getByRole('heading', { name: 'All is well: the hub keeps its promise.' }).waitFor()
    expect(await page.title()).toBe('Overview · vigie')
    expect(problems).toEqual([])
  })

  itWith('chromium')('says what is not there, and where to go', async () => {
    const { page } = await openPage(at('/nowhere'))
    await page.getByRole('heading', { name: 'There is no such view.' }).waitFor()
    await page.getByRole('link', { name: 'Go to the overview' }).click()
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
    await page.goBack()
    await page.getByRole('heading', { name: 'There is no such view.' }).waitFor()
  })

  itWith('chromium')('is light or dark as the system, until somebody chooses', async () => {
    const { page } = await openPage(at('/'), { colorScheme: 'dark' })
    const ground = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    const theme = page.getByRole('button', { name: /^Colours/ })
    await theme.waitFor()
    const dark = await ground()
    await theme.click()
    expect(await theme.getAttribute('aria-label')).toContain('Colours: light.')
    const light = await ground()
    expect(light).not.toBe(dark)
    await page.reload()
    await theme.waitFor()
    expect(await ground()).toBe(light)
  })

  itWith('chromium')('is gone through by keyboard alone', async () => {
    const { page } = await openPage(at('/'))
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
  })

  itWith('chromium')('leads to the documentation, which the hub serves beside it', async () => {
    const { page } = await openPage(at('/'))
    const loaded = page.waitForRequest((request) => request.isNavigationRequest())
    await page.getByRole('link', { name: 'Documentation' }).press('Enter')
    expect(new URL((await loaded).url()).pathname).toBe('/docs/')
  })

  itWith('chromium')('has its views behind a button on a phone', async () => {
    const { page } = await openPage(at('/'), { viewport: PHONE })
    const link = page.getByRole('link', { name: 'Overview' })
    await page.getByRole('button', { name: 'Open the menu' }).click()
    await link.waitFor()
    await page.keyboard.press('Escape')
    await link.waitFor({ state: 'hidden' })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width)
  })

  for (const colorScheme of ['light', 'dark'] as const)
    itWith('chromium')(`is found accessible by axe in ${colorScheme}`, async () => {
      const { page } = await openPage(at('/'), { colorScheme })
      await page.getByRole('heading', { level: 2 }).first().waitFor()
      await expectAccessible(page)
    })
})
