// Makes the build small enough for a package: of the declarations, only those stay that an import of the package reaches.

import { globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

const dist = join(import.meta.dirname, '../dist')
const { exports } = JSON.parse(readFileSync(join(dist, '../package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
}

const reached = new Set<string>()

function reach(file: string): void {
  if (reached.has(file)) return
  reached.add(file)
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)\.[jt]s['"]/g,
  ))
    reach(join(dirname(file), `${specifier}.d.ts`))
}

for (const entry of Object.values(exports))
  if (typeof entry !== 'string') reach(join(dist, '..', entry.types))
for (const name of globSync('**/*.d.ts', { cwd: dist }))
  if (!reached.has(join(dist, name))) rmSync(join(dist, name))
