// The version of the running package, read from its package.json.

import { readFileSync } from 'node:fs'
import { PACKAGE } from './package.ts'

export function version(): string {
  const text = readFileSync(new URL('package.json', PACKAGE), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
