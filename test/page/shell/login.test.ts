// The way into a hub that asks who looks, also on this machine.
//
// Covers `src/page/api/session.ts`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { changeUsers } from '../../../src/access/change-users.ts'
import { hashPassword } from '../../../src/access/passwords.ts'
import { type HubProcess, startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { forAllTests } from '../../support/lifetime.ts'
import { closeBrowser, expectAccessible, openPage } from '../../support/page.ts'
import { itWith } from '../../support/tools.ts'

let hub: HubProcess
const at = (path: string): string => `http://127.0.0.1:${hub.http}${path}`

beforeAll(
  forAllTests(async () => {
    const folder = temporaryFolder()
    const config = join(folder, 'vigie.config.ts')
    writeFileSync(config, 'export default { http: { anonymous: false } }\n')
    const anna = await hashPassword('right', false)
    changeUsers(join(folder, 'users.json'), (before) => ({ ...before, users: { anna } }))
    hub = await startHubProcess(['--config', config])
  }),
)
afterAll(closeBrowser)

describe('a page of a hub that asks who looks', () => {
  itWith('chromium')(
    'asks for a login, refuses a wrong password, and shows the view of the address',
    async () => {
      const { page } = await openPage(at('/history?filter=a%2F%23'))
      await page.getByRole('heading', { name: 'Log in', level: 1 }).waitFor()
      expect(await page.evaluate('document.activeElement.name')).toBe('user')
      expect(await page.getByRole('navigation').count()).toBe(0)
      await page.keyboard.type('anna')
      await page.keyboard.press('Tab')
      await page.keyboard.type('wrong')
      await page.keyboard.press('Enter')
      await page.getByText('The user name or the password is wrong.').waitFor()
      await expectAccessible(page)
      await page.keyboard.type('right')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'History', level: 1 }).waitFor()
      expect(new URL(page.url()).search).toBe('?filter=a%2F%23')
      await page.getByText('Live', { exact: true }).first().waitFor()
      await page.getByRole('button', { name: 'anna Log out' }).waitFor()
      await expectAccessible(page)
    },
  )

  itWith('chromium')('asks again when the session has ended, and goes on where it was', async () => {
    const { page } = await openPage(at('/runs?state=dead'))
    const logIn = async (): Promise<void> => {
      await page.getByLabel('User name').fill('anna')
      await page.getByLabel('Password').fill('right')
      await page.getByRole('button', { name: 'Log in' }).click()
    }
    await logIn()
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
    // The view asks again by itself before long.
    await page.context().clearCookies()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await logIn()
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
    expect(new URL(page.url()).search).toBe('?state=dead')
    await page.getByRole('button', { name: 'anna Log out' }).click()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/runs')
  })
})
