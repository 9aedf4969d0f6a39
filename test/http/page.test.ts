import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageRoutes } from '../../src/http/page.ts'

const folder = mkdtempSync(join(tmpdir(), 'vigie-page-'))
const HTML = '<!doctype html><title>vigie</title>'
const SCRIPT = 'export const a = 1\n'.repeat(50)

beforeAll(() => {
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), HTML)
  writeFileSync(join(folder, 'assets', 'index-Ab_1.js'), SCRIPT)
  writeFileSync(join(folder, 'secret'), 'nobody asks for this')
})
afterAll(() => rmSync(folder, { recursive: true }))

const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  pageRoutes({ folder }).request(path, { headers })

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('the page', () => {
  it.each(['/', '/topics', '/runs/17', '/clients/a%2Fb'])('is at %s', async (path) => {
    const response = await get(path, BROWSER)
    expect([response.status, await response.text()]).toEqual([200, HTML])
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  })

  it('lets nothing in that does not come from the hub, and no script inside of the HTML', async () => {
    const policy = (await get('/')).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
  })

  it('is asked for each time, and sent when it has changed', async () => {
    const first = await get('/')
    expect(first.headers.get('cache-control')).toBe('no-cache')
    const again = await get('/', { 'if-none-match': first.headers.get('etag')! })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const other = await get('/', { 'if-none-match': 'W/"other"' })
    expect(other.status).toBe(200)
  })

  it('is no answer to a program that asks for another path, nor to a question to the API', async () => {
    expect((await get('/nowhere', { accept: '*/*' })).status).toBe(404)
    expect((await get('/api/nowhere', BROWSER)).status).toBe(404)
  })

  it('says what to run when it is not built', async () => {
    const response = await pageRoutes({ folder: join(folder, 'none') }).request('/', { headers: BROWSER })
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('npm run build:page')
  })
})

describe('a script of the page', () => {
  it('is kept for ever, as its name changes with its content', async () => {
    const response = await get('/assets/index-Ab_1.js')
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await response.text()).toBe(SCRIPT)
  })

  it('is compressed for who can read that', async () => {
    const response = await get('/assets/index-Ab_1.js', { 'accept-encoding': 'gzip, br' })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(gunzipSync(await response.arrayBuffer()).toString()).toBe(SCRIPT)
  })

  it.each(['/assets/none.js', '/assets/..%2Fsecret', '/assets/%2e%2e%2fsecret', '/assets/.env'])(
    'is not %s',
    async (path) => expect((await get(path)).status).toBe(404),
  )
})
