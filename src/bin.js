#!/usr/bin/env node
// Plain JavaScript without a static import, for two reasons. Every version of Node can read it, so that an
// older one says what is needed; they crash inside the SQLite binding without a word. And Node takes as long
// to strip the types of one file as to start: with the compile cache, which has to be enabled here, it does
// that once and not at each start.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `vigie needs Node.js 24 or newer; this is ${process.version} (${process.execPath}).\n` +
      'Install a current 24 and start vigie again; in a checkout, "npm ci" brings one along and "npm start" uses it.\n',
  )
  process.exit(78)
}
// Where no folder for compiled code is known, or it cannot be written, none is kept.
const { enableCompileCache } = await import('node:module')
const { XDG_CACHE_HOME, HOME, NODE_COMPILE_CACHE } = process.env
const caches = XDG_CACHE_HOME ?? (HOME && `${HOME}/.cache`)
const cache = NODE_COMPILE_CACHE ?? (caches && `${caches}/vigie`)
if (cache) enableCompileCache((process.env['NODE_COMPILE_CACHE'] = cache))
const { main } = await import('./cli/main.ts')
process.exitCode = await main(process.argv.slice(2))
