// The page: what vite has built (`src/page/`), sent to browsers. Every view has a path of its own, and at each of
// them is the same HTML file, whose script shows the view. Scripts and styles are named by their content, so a
// browser keeps them for ever and asks for the HTML file alone.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { PACKAGE } from '../base/package.ts'

/** Where the build leaves the page: `dist/page`, from a checkout and from the package. */
const PAGE_FOLDER = fileURLToPath(new URL('dist/page/', PACKAGE))

/** Everything comes from the hub itself, and no script or style stands in the HTML. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Shows push messages, also when no page is open. */
const WORKER = '/push-worker.js'

const NOT_BUILT =
  'The page is not built, so there is nothing to show here yet.\n' +
  'Run "npm run build:page" in the checkout of vigie, then load this page again; the hub may keep running.\n' +
  'The HTTP API and the command line (vigie status, vigie history) work without it.\n'

const compressed = promisify(gzip)

export interface PageOptions {
  /** The folder of the build. */
  readonly folder?: string
}

export function pageRoutes({ folder = PAGE_FOLDER }: PageOptions = {}): Hono {
  const app = new Hono()

  app.get('/assets/:name', async (context, next) => {
    const name = context.req.param('name')
    const content = /^[\w-][\w.-]*$/.test(name) ? await contentOf(join(folder, 'assets', name)) : null
    if (content === null) return next()
    context.header('Cache-Control', 'public, max-age=31536000, immutable')
    return send(context, content, typeOf(name))
  })

  // At the root, because a service worker may act for paths below its own alone.
  app.get(WORKER, async (context, next) => {
    const content = await contentOf(join(folder, WORKER))
    if (content === null) return next()
    context.header('Cache-Control', 'no-cache')
    return send(context, content, TYPES['js']!)
  })

  app.get('*', async (context, next) => {
    const { path } = context.req
    const asks = context.req.header('accept') ?? ''
    if (path !== '/' && (path.startsWith('/api/') || !asks.includes('text/html'))) return next()
    const content = await contentOf(join(folder, 'index.html'))
    context.header('Cache-Control', 'no-cache')
    if (content === null) return context.text(NOT_BUILT, 503)
    context.header('Content-Security-Policy', POLICY)
    context.header('Referrer-Policy', 'no-referrer')
    context.header('Cross-Origin-Opener-Policy', 'same-origin')
    const etag = `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
    context.header('ETag', etag)
    if (context.req.header('if-none-match')?.includes(etag) === true) return context.body(null, 304)
    return send(context, content, TYPES['html']!)
  })
  return app
}

async function contentOf(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}

const typeOf = (name: string): string =>
  TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream'

async function send(context: Context, content: Buffer, type: string): Promise<Response> {
  context.header('Content-Type', type)
  context.header('X-Content-Type-Options', 'nosniff')
  context.header('Vary', 'Accept-Encoding')
  if (context.req.header('accept-encoding')?.includes('gzip') !== true) return context.body(bytesOf(content))
  context.header('Content-Encoding', 'gzip')
  return context.body(bytesOf(await compressed(content)))
}

const bytesOf = (content: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(content)
