import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { InspectionFailed, inspectRules } from '../../src/engine/inspect.ts'
import { inventedEvent } from '../../src/rules/rehearse.ts'
import { temporaryFolder } from '../support/hub.ts'

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

test('what a question throws is thrown', async () => {
  const looking = inspectRules(options(), () => Promise.reject(new RangeError('no')))
  await expect(looking).rejects.toThrow(RangeError)
})
