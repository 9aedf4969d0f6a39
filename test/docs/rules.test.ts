// What docs/rules.md shows is what works: its files load, hold their examples, and have the types that they say.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import type { Rule } from '../../src/index.ts'
import { simulate } from '../../src/testing.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { runCommand } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

const text = readFileSync(join(ROOT, 'docs', 'rules.md'), 'utf8')
const files = new Map(
  [...text.matchAll(/^```ts\n\/\/ (\S+)\n([^]*?)^```$/gm)].map(([, name = '', code = '']) => [name, code]),
)

function written(): string {
  const folder = temporaryFolder()
  for (const [name, code] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), code)
  }
  return folder
}

test('every file of rules in it passes the check, types included', async () => {
  const { status, out } = await runCommand(['check', 'rules'], { cwd: written() })
  expect(out).toMatch(/^6 rules, 2 pings, 1 watch, 0 errors, 0 warnings\.$/m)
  expect(status).toBe(0)
})

test('the rule of its first example does what its test says', async () => {
  const folder = written()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  symlinkSync(join(ROOT, 'node_modules', 'zod'), join(folder, 'node_modules', 'zod'))
  const module = pathToFileURL(join(folder, 'rules', 'doors.ts')).href
  const { default: door } = (await import(module)) as { default: Rule }
  const hub = simulate(door)
  await hub.publish('doors/front', { open: true })
  await hub.advance('90s')
  await hub.restart()
  await hub.advance('30s')
  expect(hub.actions).toMatchObject([{ kind: 'alert', key: 'door-front' }, { kind: 'shell' }])
})
