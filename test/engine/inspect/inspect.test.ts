// Covers `src/engine/contain/at-once.ts`, `src/engine/inspect/inspector.ts`,
// `src/engine/load/load-rules.ts`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { InspectionFailed, inspectRules } from '../../../src/engine/inspect/inspect.ts'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'
import { temporaryFolder } from '../../support/hub.ts'

vi.setConfig({ testTimeout: 60_000 })

let rulesDir: string
beforeEach(() => {
  rulesDir = join(temporaryFolder(), 'rules')
  mkdirSync(rulesDir)
})

const write = (name: string, text: string): void => writeFileSync(join(rulesDir, name), text)
const options = () => ({ rulesDir, root: 'vigie', hangLimitMs: 500 })
const endless = (more = ''): string => `import { rule } from 'vigie'
export default rule('endless', { on: 'a', when: () => { for (;;); }, do: () => [], ${more} })`

test('a module that does not come to an end is named', async () => {
  write('a.ts', `for (;;);`)
  const looking = inspectRules(options(), (report) => report)
  await expect(looking).rejects.toThrow(
    'rules/a.ts: did not come to an end within 500ms; nothing more could be looked at.',
  )
  await expect(looking).rejects.toBeInstanceOf(InspectionFailed)
})

test.each(['globalThis.Promise = class {}', 'process.env = {}'])(
  'a file that replaces what the hub relies on is told with its line, as at the load: %s',
  async (code) => {
    write('a.ts', `${code}\nexport default []`)
    const { failures } = await inspectRules(options(), async (report) => report)
    expect(failures).toEqual([expect.stringMatching(/^rules\/a\.ts:1.*read only/)])
  },
)

test('a file whose example does not come to an end is named, not the one that was loaded last', async () => {
  write('a.ts', endless(`examples: [{ topic: 'a', expect: 'fire' }]`))
  write('b.ts', `import { rule } from 'vigie'\nexport default rule('b', { on: 'b', do: () => [] })`)
  await expect(inspectRules(options(), (report) => report)).rejects.toThrow('rules/a.ts: did not')
})

test('a rule that does not come to an end when it is asked is named', async () => {
  write('a.ts', endless())
  const looking = inspectRules(options(), (_report, inspector) =>
    inspector.explain(inventedEvent('a', '', 'live'), null),
  )
  await expect(looking).rejects.toThrow('The rule "endless" did not come to an end')
})

describe('code that brings its whole process down', () => {
  const limits = { hangLimitMs: 60_000, heapLimitMiB: 64 }
  const growing = 'const all = new Map(); for (let n = 0; ; n++) all.set(n, n)'

  test('while its file loads is named by the file', async () => {
    write('a.ts', growing)
    const looking = inspectRules({ ...options(), ...limits }, (report) => report)
    await expect(looking).rejects.toThrow(/^rules\/a\.ts: .*memory.*; nothing more could be looked at\.$/)
    await expect(looking).rejects.toBeInstanceOf(InspectionFailed)
  })

  test('while a rule is asked is named by the rule', async () => {
    write(
      'a.ts',
      `import { rule } from 'vigie'
export default rule('deadly', { on: 'a', when: () => { process.kill(process.pid, 'SIGSEGV'); for (;;); }, do: () => [] })`,
    )
    const looking = inspectRules({ ...options(), ...limits }, (_report, inspector) =>
      inspector.explain(inventedEvent('a', '', 'live'), null),
    )
    await expect(looking).rejects.toThrow(
      'The rule "deadly" ended its process with SIGSEGV; nothing more could be looked at.',
    )
  })
})

test('what a question throws is thrown', async () => {
  const looking = inspectRules(options(), () => Promise.reject(new RangeError('no')))
  await expect(looking).rejects.toThrow(RangeError)
})
