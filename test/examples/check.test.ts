// Every example passes what its reader would run first: types, and what the rules say of themselves.

import { expect, test, vi } from 'vitest'
import { ROOT } from '../support/hub.ts'
import { runCommand } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

test('all examples together pass the check', async () => {
  const { status, out } = await runCommand(['check', 'examples'], { cwd: ROOT })
  expect(out).toMatch(/^52 rules, 3 pings, 5 watches, 3 tasks, 0 errors, 0 warnings\.$/m)
  expect(status).toBe(0)
})
