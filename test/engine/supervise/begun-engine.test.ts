// The first engine begins before the hub around it is there.

import { mkdirSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BegunEngine } from '../../../src/engine/contain/spawn.ts'
import { beginFirstEngine } from '../../../src/engine/supervise/client.ts'
import { SmallHub } from '../small-hub.ts'

let hub: SmallHub
let begun: BegunEngine
beforeEach(() => {
  hub = new SmallHub({
    'a.ts': `import { rule } from 'vigie'\nexport default rule('a', { on: 'a', do: () => [] })`,
  })
  mkdirSync(hub.dataDir)
  begun = beginFirstEngine({
    rulesDir: hub.rulesDir,
    dataDir: hub.dataDir,
    root: 'vigie',
    log: { level: 'silent', pretty: false },
  })
})
afterEach(async () => {
  await hub.remove()
  await begun.terminate()
})

test('an engine that begins before there is a journal is the one that takes charge', async () => {
  await hub.start({ begun })
  expect(await hub.engine.status()).toMatchObject({ state: 'running', generation: 1, restarts: 0 })
  const { run } = await hub.runOf('a', await hub.send('a'))
  expect(run.state).toBe('done')
})

test('another engine takes charge when the one that began is gone before it is needed', async () => {
  await begun.terminate()
  await hub.start({ begun })
  await hub.engine.reload()
  expect(await hub.engine.status()).toMatchObject({ state: 'running', generation: 1 })
  const { run } = await hub.runOf('a', await hub.send('a'))
  expect(run.state).toBe('done')
})
