// What docs/intake.md shows is what works: its configuration and its rule pass the check, types included.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { runCommand } from '../support/terminal.ts'

it('shows a configuration and a rule that pass the check', async () => {
  const page = readFileSync(join(ROOT, 'docs', 'intake.md'), 'utf8')
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  const files = [...page.matchAll(/^```ts\n\/\/ (\S+)\n([^]*?)^```$/gm)]
  expect(files.map(([, name]) => name)).toEqual(['vigie.config.ts', 'rules/push.ts'])
  for (const [, name = '', text = ''] of files) writeFileSync(join(folder, name), text)
  const { status, out } = await runCommand(['check'], { cwd: folder })
  expect(out).toMatch(/1 rule, 0 errors, 0 warnings\.$/m)
  expect(status).toBe(0)
})
