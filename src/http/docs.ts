// The documentation at /docs, as it was built (`packages/site/`). Texts lie there compressed.

import { join } from 'node:path'
import { Hono } from 'hono'
import { builtFolder, contentOf, isKnown, PAGE_POLICY, send, typeOf } from './built-file.ts'

const NOT_BUILT =
  'The documentation is not built. Run "npm run build:docs" in the checkout of vigie, or read its folder docs/.\n'

export interface DocsOptions {
  /** The folder of the build. */
  readonly folder?: string
}

export function docsRoutes({ folder = builtFolder('docs') }: DocsOptions = {}): Hono {
  const app = new Hono()

  // Links of the pages are relative: without the slash they would lead beside it.
  app.get('/docs', (context) => context.redirect('docs/', 302))

  app.get('/docs/*', async (context) => {
    // Hono has decoded it, but for what would change its levels: no page is called such a thing.
    const path = context.req.path.slice('/docs/'.length)
    const name = path === '' ? 'index.html' : path
    // A name that climbs, or hides, is no name of a page.
    if (!name.split('/').every((level) => /^[\w-][\w.-]*$/.test(level))) return context.notFound()
    const plain = await contentOf(join(folder, name))
    const content = plain ?? (await contentOf(join(folder, `${name}.gz`)))
    if (content === null) return name === 'index.html' ? context.text(NOT_BUILT, 503) : context.notFound()
    context.header('Cache-Control', 'no-cache')
    context.header('Content-Security-Policy', PAGE_POLICY)
    if (isKnown(context, content)) return context.body(null, 304)
    return send(context, content, typeOf(name), plain === null)
  })
  return app
}
