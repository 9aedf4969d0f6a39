#!/usr/bin/env node
// Nothing may be imported before this check: older versions of Node crash inside the SQLite binding without a word.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `vigie needs Node.js 24 or newer; this is ${process.version} (${process.execPath}).\n` +
      'Install a current 24 and start vigie again; in a checkout, "npm ci" brings one along and "npm start" uses it.\n',
  )
  process.exit(78)
}
// Compiled code is kept between starts: half of the time to the first event. Where no folder for it is known, or
// it cannot be written, it is not.
const { enableCompileCache } = await import('node:module')
const { XDG_CACHE_HOME, HOME, NODE_COMPILE_CACHE } = process.env
const caches = XDG_CACHE_HOME ?? (HOME && `${HOME}/.cache`)
const cache = NODE_COMPILE_CACHE ?? (caches && `${caches}/vigie`)
if (cache) enableCompileCache((process.env['NODE_COMPILE_CACHE'] = cache))
const { main } = await import('./cli/main.ts')
process.exitCode = await main(process.argv.slice(2))
