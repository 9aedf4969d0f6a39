// The page: what vite has built (`src/page/`), sent to browsers. Every view has a path of its own, and at each of
// them is the same HTML file, whose script shows the view. Scripts and styles are named by their content, so a
// browser keeps them for ever and asks for the HTML file alone.

import { join } from 'node:path'
import { Hono } from 'hono'
import { builtFolder, contentOf, isKnown, PAGE_POLICY, send, typeOf } from './built-file.ts'

/** Shows push messages, also when no page is open. */
const WORKER = '/push-worker.js'

const NOT_BUILT =
  'The page is not built, so there is nothing to show here yet.\n' +
  'Run "npm run build:page" in the checkout of vigie, then load this page again; the hub may keep running.\n' +
  'The HTTP API and the command line (vigie status, vigie history) work without it.\n'

export interface PageOptions {
  /** The folder of the build. */
  readonly folder?: string
}

export function pageRoutes({ folder = builtFolder('page') }: PageOptions = {}): Hono {
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
    return send(context, content, typeOf(WORKER))
  })

  app.get('*', async (context, next) => {
    const { path } = context.req
    const asks = context.req.header('accept') ?? ''
    if (path !== '/' && (path.startsWith('/api/') || !asks.includes('text/html'))) return next()
    const content = await contentOf(join(folder, 'index.html'))
    context.header('Cache-Control', 'no-cache')
    if (content === null) return context.text(NOT_BUILT, 503)
    context.header('Content-Security-Policy', PAGE_POLICY)
    context.header('Referrer-Policy', 'no-referrer')
    context.header('Cross-Origin-Opener-Policy', 'same-origin')
    if (isKnown(context, content)) return context.body(null, 304)
    return send(context, content, typeOf('index.html'))
  })
  return app
}
