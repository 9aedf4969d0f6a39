// Takes the pictures of the page that stand in docs/images, from a hub at work in a real Chromium. Say a folder to
// take all views there, in light and dark, on a wide screen and on a phone, to look at them.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { closeBrowser, openPage, PHONE } from '../test/support/page.ts'
import { forAllTests } from '../test/support/lifetime.ts'
import buildPage from '../test/support/build-page.ts'
import { ROOT } from '../test/support/hub.ts'
import { type Scene, startScene, VIEWS } from '../test/page/scene.ts'

/** The pictures of the documentation: a view, and how it is taken. */
const DOCUMENTED = ['overview', 'event', 'history', 'dead runs', 'ping', 'alerts']
const SCREEN = { width: 1_180, height: 760 }

const [folder] = process.argv.slice(2)
await buildPage()
const end = await forAllTests(async () => {
  const scene = await startScene()
  if (folder === undefined) await documentation(scene)
  else await everything(scene, folder)
})()
await closeBrowser()
await end()

async function documentation(scene: Scene): Promise<void> {
  const images = join(ROOT, 'docs', 'images')
  mkdirSync(images, { recursive: true })
  for (const name of DOCUMENTED)
    await take(scene, name, join(images, `page-${name.replaceAll(' ', '-')}.png`), { viewport: SCREEN })
  await take(scene, 'overview', join(images, 'page-phone.png'), { viewport: PHONE, colorScheme: 'dark' })
}

async function everything(scene: Scene, into: string): Promise<void> {
  mkdirSync(into, { recursive: true })
  for (const name of Object.keys(VIEWS))
    for (const [screen, viewport] of [
      ['wide', SCREEN],
      ['phone', PHONE],
    ] as const)
      for (const colorScheme of ['light', 'dark'] as const)
        if (screen === 'wide' || colorScheme === 'light')
          await take(scene, name, join(into, `${name}-${screen}-${colorScheme}.png`), {
            viewport,
            colorScheme,
          })
}

type Options = Parameters<typeof openPage>[1]

async function take(scene: Scene, name: string, path: string, options: Options): Promise<void> {
  const { path: address, shows } = VIEWS[name]!
  const { page } = await openPage(scene.at(await address(scene)), options)
  await page.getByText(shows).first().waitFor()
  // Charts and rates come with the second answer.
  await page.waitForTimeout(1_500)
  await page.screenshot({ path })
  await page.context().close()
  console.log(path)
}
