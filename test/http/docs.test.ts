// Covers `src/http/built-file.ts`.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { docsRoutes } from '../../src/http/docs.ts'

const folder = mkdtempSync(join(tmpdir(), 'vigie-docs-'))
const HTML = '<!doctype html><title>Rules · vigie</title>'

beforeAll(() => {
  mkdirSync(join(folder, 'site', 'examples'), { recursive: true })
  writeFileSync(join(folder, 'secret'), 'nobody asks for this')
  writeFileSync(join(folder, 'site', 'index.html.gz'), gzipSync('<title>Documentation</title>'))
  writeFileSync(join(folder, 'site', 'examples', 'light.html.gz'), gzipSync(HTML))
  writeFileSync(join(folder, 'site', 'picture.png'), 'PNG')
})
afterAll(() => rmSync(folder, { recursive: true }))

const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  docsRoutes({ folder: join(folder, 'site') }).request(path, { headers })

it('is at /docs/, to which /docs leads', async () => {
  expect((await get('/docs')).headers.get('location')).toBe('docs/')
  expect(await (await get('/docs/')).text()).toBe('<title>Documentation</title>')
})

it('sends what lies there compressed as it is, or inflated to who cannot read that', async () => {
  const plain = await get('/docs/examples/light.html')
  expect([plain.headers.get('content-type'), await plain.text()]).toEqual(['text/html; charset=utf-8', HTML])
  const small = await get('/docs/examples/light.html', { 'accept-encoding': 'gzip' })
  expect(small.headers.get('content-encoding')).toBe('gzip')
  expect(gunzipSync(await small.arrayBuffer()).toString()).toBe(HTML)
  expect((await get('/docs/picture.png')).headers.get('content-type')).toBe('image/png')
})

it('lets nothing in that does not come from the hub, and is sent when it has changed', async () => {
  const first = await get('/docs/')
  expect(first.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self';")
  expect((await get('/docs/', { 'if-none-match': first.headers.get('etag')! })).status).toBe(304)
})

it.each([
  '/docs/nowhere.html',
  '/docs/../secret',
  '/docs/..%2Fsecret',
  '/docs/examples',
  '/docs/a//b',
  '/docs/%00',
  '/docs/%E0%A4%A',
])('has nothing at %s', async (path) => {
  expect((await get(path)).status).toBe(404)
})

it('says what to run when it is not built', async () => {
  const response = await docsRoutes({ folder: join(folder, 'none') }).request('/docs/')
  expect(response.status).toBe(503)
  expect(await response.text()).toContain('npm run build:docs')
})
