// The dialogs about rules and runs, in a real Chromium on a hub at work: to pause a rule and to resume it, and
// to run a run again; and the panel that tries a rule on recorded messages. All by keyboard, each held to axe
// while it is open. Covers `src/page/rules/pause-acts.tsx`, `src/page/rules/backtest.tsx`,
// `src/page/runs/rerun.tsx`, `src/page/ui/ask-button.tsx`.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RulePauseReport } from '../../src/model/rule-pause.ts'
import { forAllTests } from '../support/lifetime.ts'
import { closeBrowser, expectAccessible, openPage } from '../support/page.ts'
import { describeWith } from '../support/tools.ts'
import { type Scene, startScene, until } from './scene.ts'

describeWith('chromium')('a dialog', () => {
  let scene: Scene
  beforeAll(forAllTests(async () => void (scene = await startScene())))
  afterAll(closeBrowser)

  const pauseOf = async (rule: string): Promise<RulePauseReport> =>
    (await scene.api<{ readonly pause: RulePauseReport }>(`/api/rules/${rule}`)).pause

  it('pauses a rule with a reason and an end, changes its reason alone, and resumes it', async () => {
    const { page, problems } = await openPage(scene.at('/rules/door'))
    await ask(page, 'Pause door')
    await page.getByLabel('Reason').fill('the lock is being replaced')
    await page.getByLabel('Or until').fill('2099-01-02T03:04')
    await page.getByLabel('Your name').fill('anna')
    await expectAccessible(page)
    await page.keyboard.press('Enter')
    await expectSaid(page, /^“door” is paused: event #\d+\.$/)
    await page.getByText('by anna: the lock is being replaced, until').waitFor()
    const end = await page.evaluate<string>('new Date("2099-01-02T03:04").toISOString()')
    expect(await pauseOf('door')).toMatchObject({ state: 'paused', until: end })

    await ask(page, 'Change the pause of door')
    await page.getByLabel('Reason').fill('the lock is late')
    await page.keyboard.press('Enter')
    await page.getByText('the lock is late, until').waitFor()
    expect(await pauseOf('door')).toMatchObject({ reason: 'the lock is late', until: end })

    await scene.publish('doors/front', 'open')
    await ask(page, 'Resume door')
    await expectAccessible(page)
    await page.keyboard.press('Enter')
    await expectSaid(page, /^“door” is resumed: event #\d+\.$/)
    await page.getByText('because it was paused').waitFor()
    expect(await pauseOf('door')).toMatchObject({
      state: 'resumed',
      resumedBy: expect.stringContaining('anna'),
    })
    expect(problems).toEqual([])
  })

  it('pauses no rule without a reason, and says in the dialog why the hub refuses', async () => {
    const { page } = await openPage(scene.at('/rules/battery-low'))
    await ask(page, 'Pause battery-low')
    await page.getByLabel('Your name').press('Enter')
    expect(await page.evaluate('document.activeElement.name')).toBe('reason')
    await page.getByLabel('Reason').fill('work')
    await page.getByLabel('Or until').fill('2001-01-02T03:04')
    await page.keyboard.press('Enter')
    const refused = 'The hub refused: until: that moment has passed.'
    await page.getByRole('dialog').getByRole('alert').getByText(refused).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Pause')
    expect(await pauseOf('battery-low')).toBeNull()
  })

  it('runs a run again from a step, with another payload as it was written', async () => {
    await scene.publish('notes/first', 'old')
    const runs = (): Promise<readonly { readonly id: number; readonly state: string }[]> =>
      scene.api('/api/runs?rule=note')
    await until(async () => (await runs())[0]?.state === 'done')
    const [first] = await runs()
    const { page, problems } = await openPage(scene.at(`/runs/${first!.id}`))
    await ask(page, 'Run again')
    await page.getByLabel('From step').fill('9')
    await page.getByLabel('With another payload').fill('  new')
    await page.getByLabel('Your name').fill('anna')
    await expectAccessible(page)
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('has no step 9').waitFor()
    await page.getByLabel('From step').fill('1')
    await page.keyboard.press('Enter')
    await expectSaid(page, /^Run \d+ is run again, as run \d+\.$/)
    await until(async () => (await runs())[0]?.id !== first!.id && (await runs())[0]?.state === 'done')
    const [again] = await runs()
    expect(await scene.api(`/api/runs/${again!.id}`)).toMatchObject({
      details: { input: '  new', rerun: { run: first!.id, from: '1' } },
    })
    await page.goto(scene.at(`/runs/${again!.id}`))
    await page.getByText(/from step 1, by anna.*, with another payload/).waitFor()
    expect(problems.filter((problem) => !problem.includes('409'))).toEqual([])
  })

  it('tries a rule on recorded messages, and forgets the answer when another time is chosen', async () => {
    const { page, problems } = await openPage(scene.at('/rules/battery-low'))
    const panel = page.getByRole('main')
    await panel.getByRole('button', { name: 'Try it on recorded messages' }).press('Enter')
    const says = panel.getByText(/^It would have run once; it ran once\. \d+ messages were looked at\.$/)
    await says.waitFor()
    await expectAccessible(page)
    await page.getByLabel('Count').selectOption('1h')
    await says.waitFor({ state: 'detached' })
    expect(problems).toEqual([])
  })
})

/** Opens the dialog of a button by keyboard. */
async function ask(page: Page, button: string): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: button, exact: true }).press('Enter')
  await page.getByRole('dialog').waitFor()
}

async function expectSaid(page: Page, text: RegExp): Promise<void> {
  await page.getByRole('main').getByRole('status').getByText(text).waitFor({ timeout: 10_000 })
}
