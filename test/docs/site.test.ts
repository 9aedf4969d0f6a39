// The documentation as a site: every link and anchor of the Markdown files leads somewhere, every page is in the index,
// and a page in a browser has colours, navigation and a search, without anything from elsewhere.

import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, describe, expect, test } from 'vitest'
import { docsRoutes } from '../../src/http/docs.ts'
import { buildSite } from '../../packages/site/site.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'
import { closeBrowser, expectAccessible, openPage, PHONE } from '../support/page.ts'
import { itWith } from '../support/tools.ts'

afterAll(closeBrowser)

describe('the site of this repository', () => {
  test('has a page for each document, and every link, anchor and picture leads somewhere', () => {
    const to = temporaryFolder()
    // Throws with a line for each link that leads nowhere.
    buildSite(ROOT, to)
    const pages = globSync('**/*.html', { cwd: to })
    for (const name of [
      'index.html',
      'rules.html',
      'tutorial.html',
      'examples/light.html',
      'reference/rules.html',
    ])
      expect(pages).toContain(name)
    for (const page of pages) {
      const html = readFileSync(join(to, page), 'utf8')
      expect(html).not.toMatch(/<(?:script|link|img)[^>]* (?:src|href)="(?:https?:)?\/\//)
      expect(html).not.toMatch(/<style|<script(?![^>]* src=)| style="/)
    }
  })

  itWith('chromium')(
    'can be read and searched on a wide screen and on a phone',
    { timeout: 120_000 },
    async () => {
      const to = temporaryFolder()
      buildSite(ROOT, to)
      const url = await served(to)
      const { page, problems } = await openPage(`${url}/docs/tutorial.html`)
      await expectAccessible(page)
      await page.keyboard.press('/')
      await page.keyboard.type('sunrise and')
      await page.locator('#found a').first().waitFor()
      expect(await page.locator('#found a').first().textContent()).toMatch(/Sunrise and sunset/)
      await page.keyboard.press('Enter')
      await page.waitForURL(/rules\.html#/)
      await page.locator('nav a', { hasText: 'Cookbook' }).first().click()
      await page.waitForURL(/cookbook\.html/)
      expect(await page.locator('nav a[aria-current]').textContent()).toBe('Cookbook')
      expect(problems).toEqual([])

      const phone = await openPage(`${url}/docs/`, { viewport: PHONE, colorScheme: 'dark' })
      await expectAccessible(phone.page)
      const width = await phone.page.evaluate<number>('document.documentElement.scrollWidth')
      expect(width).toBeLessThanOrEqual(PHONE.width)
      expect(phone.problems).toEqual([])
    },
  )
})

describe('the builder', () => {
  /** A repository with these documents. */
  function repository(files: Readonly<Record<string, string>>): string {
    const root = temporaryFolder()
    mkdirSync(join(root, 'docs'))
    mkdirSync(join(root, 'src/page/styles'), { recursive: true })
    writeFileSync(join(root, 'src/page/styles/tokens.css'), ':root {}')
    writeFileSync(join(root, 'src/page/icon.svg'), '<svg/>')
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
    return root
  }

  test('names each link that leads nowhere, and each page that is not in the index', () => {
    const root = repository({
      'docs/README.md': '# Docs\n\n## Part\n\n- [One](one.md)\n',
      'docs/one.md': '# One\n\n[gone](gone.md), [no heading](two.md#none), [fine](two.md#a-heading)\n',
      'docs/two.md': '# Two\n\n## A `heading`\n',
    })
    expect(() => buildSite(root, join(root, 'site'))).toThrow(
      [
        'docs/one.md links to gone.md, which is not there.',
        'docs/two.md is not in docs/README.md.',
        'docs/one.md links to docs/two.md#none, and there is no such heading.',
      ].join('\n'),
    )
  })

  test('leaves pictures out where there is to be none, and says what they show', () => {
    const root = repository({
      'docs/README.md': '# Docs\n\n![A page with\na plot](plot.png)\n',
      'docs/plot.png': 'PNG',
    })
    const to = join(root, 'site')
    buildSite(root, to)
    expect(readFileSync(join(to, 'index.html'), 'utf8')).toContain(
      '<img src="plot.png" alt="A page with a plot"',
    )
    buildSite(root, to, { pictures: false })
    expect(readFileSync(join(to, 'index.html'), 'utf8')).toContain('<em>A page with a plot</em>')
    expect(globSync('**/*.png', { cwd: to })).toEqual([])
  })

  test('gives headings the anchors of the code host, and escapes what is code', () => {
    const root = repository({
      'docs/README.md': '# Docs\n\n## Part\n\n- [One](one.md)\n',
      'docs/one.md': '# One\n\n## Triggers: `on`\n\n## Triggers: `on`\n\n```ts\nif (a < b) x = `<b>`\n```\n',
    })
    const to = join(root, 'site')
    buildSite(root, to)
    const html = readFileSync(join(to, 'one.html'), 'utf8')
    expect(html).toContain('<h2 id="triggers-on">Triggers: <code>on</code>')
    expect(html).toContain('<h2 id="triggers-on-1">')
    expect(html).toContain('a &lt; b')
    expect(html).not.toContain('<b>')
  })
})

async function served(folder: string): Promise<string> {
  const app = new Hono().route('/', docsRoutes({ folder }))
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    )
    whenOver(() => server.close())
  })
}
