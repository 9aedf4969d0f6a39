// The page in a real Chromium, with everything that goes wrong in it noted. Each test has a browser context of its
// own, so none sees what another has chosen.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { whenOver } from './lifetime.ts'

/** A screen on a desk, and a phone. */
const WIDE = { width: 1280, height: 800 }
export const PHONE = { width: 390, height: 844 }

export interface OpenPage {
  readonly page: Page
  /** What went wrong in the page: exceptions, refused scripts, errors on its console. */
  readonly problems: readonly string[]
}

let running: Promise<Browser> | undefined

/** One browser serves all tests of a file. */
const browser = (): Promise<Browser> =>
  (running ??= chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  }))

/** To be called in `afterAll` by every file that opens pages. */
export async function closeBrowser(): Promise<void> {
  const started = running
  running = undefined
  await (await started)?.close()
}

/** Opens a page of a hub; it is closed when the test is over. */
export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await (await browser()).newContext({ viewport: WIDE, ...options })
  whenOver(() => context.close())
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await page.goto(url)
  return { page, problems }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** Holds the page, as it is now, to the rules of WCAG 2.2 AA and to axe's best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  // `evaluate` goes past the Content-Security-Policy of the page, a script element would not.
  await page.evaluate(AXE)
  const findings = await page.evaluate<Finding[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes })))`,
  )
  const said = findings.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  )
  expect(said).toEqual([])
}
