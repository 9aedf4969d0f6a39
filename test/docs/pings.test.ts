// What docs/pings.md shows is what works: its file loads, and its pings say what the text below it says.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { PING_KINDS } from '../../src/rules/compile/ping-shape.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { runCommand } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

const text = readFileSync(join(ROOT, 'docs', 'pings.md'), 'utf8')

test('its example passes the check, types included', async () => {
  const folder = temporaryFolder()
  const [, name = '', code = ''] = /^```ts\n\/\/ rules\/(\S+)\n([^]*?)^```$/m.exec(text) ?? []
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', name), code)
  const { status, out } = await runCommand(['check', 'rules'], { cwd: folder })
  expect(out).toMatch(/^2 rules, 7 pings, 0 errors, 0 warnings\.$/m)
  expect(status).toBe(0)
})

test('it has a row for each kind of target', () => {
  expect([...text.matchAll(/^\| `(\w+): /gm)].map(([, kind]) => kind)).toEqual(PING_KINDS)
})
