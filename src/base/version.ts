// The version of the running package, read from its package.json: one folder up in a checkout (src) and once
// built (dist).

import { readFileSync } from 'node:fs'

export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
