// Builds the documentation into dist/docs, from where the hub serves it at /docs: node packages/site/build.ts
//
// Texts lie there compressed, as the hub sends them. With --plain they do not: for any server of files. With
// --no-pictures there are none, as in a package: the hub that shows these pages has the views of which they are.

import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildSite, SiteProblem } from './site.ts'

const root = join(import.meta.dirname, '../..')
const to = join(root, 'dist/docs')
/** npm runs `prepare` once more after `prepack`. */
const isPacking = ['pack', 'publish'].includes(process.env['npm_command'] ?? '')
try {
  buildSite(root, to, { pictures: !process.argv.includes('--no-pictures') && !isPacking })
} catch (error) {
  if (!(error instanceof SiteProblem)) throw error
  console.error(error.message)
  process.exit(1)
}
if (!process.argv.includes('--plain'))
  for (const name of globSync('**/*.{html,css,js,json}', { cwd: to })) {
    const file = join(to, name)
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }))
    rmSync(file)
  }
