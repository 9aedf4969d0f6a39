// Rules that cannot be read: no event passes them meanwhile.
//
// Covers `src/engine/supervise/awaited-rules.ts`.

import { renameSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { SmallHub } from '../small-hub.ts'

// Each engine is a thread that loads its code: seconds, where other tests take the processor.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let hub: SmallHub
const begin = (): void => {
  hub = new SmallHub({
    'a.ts': `import { rule } from 'vigie'\nexport default rule('a', { on: 'a', do: () => [] })`,
  })
}

describe('a folder of rules that comes and goes', () => {
  beforeAll(begin)
  afterAll(() => hub.remove())

  test('events wait for rules that cannot be read at the start, and are taken as soon as they can', async () => {
    const elsewhere = `${hub.rulesDir}-elsewhere`
    renameSync(hub.rulesDir, elsewhere)
    await hub.start()
    const reason = expect.stringContaining(`There is no rules folder ${hub.rulesDir}.`)
    expect(await hub.engine.status()).toMatchObject({ state: 'waiting', failures: [reason], now: null })
    expect(hub.engine.conditions()).toEqual({ rules: reason, engine: null })
    // Whatever comes may be what a rule waits for.
    expect(hub.interest).toEqual(['#', 'vigie/#'])
    await hub.message('vigie/hub/rules', ({ state }) => state === 'unreadable')
    const event = await hub.send('a')
    await hub.engine.reload()
    expect(hub.queries.totals().cursor).toBeLessThan(event)

    renameSync(elsewhere, hub.rulesDir)
    expect(await hub.runOf('a', event)).toMatchObject({ run: { state: 'done' } })
    await hub.message('vigie/hub/rules', ({ state }) => state === 'loaded')
    expect(hub.engine.conditions()).toEqual({ rules: null, engine: null })
    expect(hub.interest).toEqual(['a', 'vigie/commands/alerts/#', 'vigie/commands/rules/#'])
  })

  test('rules that can no longer be read stay in force', async () => {
    renameSync(hub.rulesDir, `${hub.rulesDir}-elsewhere`)
    await hub.message('vigie/hub/rules', ({ state }) => state === 'refused')
    expect(await hub.runOf('a', await hub.send('a'))).toMatchObject({ run: { state: 'done' } })
    expect(hub.engine.conditions()).toEqual({ rules: null, engine: null })
  })
})

describe('a folder of rules', () => {
  beforeEach(begin)
  afterEach(() => hub.remove())

  test('with a file that does not load at the start makes the hub unwell until it does', async () => {
    hub.write({ 'b.ts': `import { rule from 'vigie'` })
    await hub.start()
    expect(hub.engine.conditions()).toEqual({
      rules: expect.stringMatching(/^Some rules are not in force: rules\/b\.ts:1: [^\n]*$/),
      engine: null,
    })
    hub.write({ 'b.ts': `import { rule } from 'vigie'\nexport default rule('b', { on: 'b', do: () => [] })` })
    await hub.message('vigie/hub/rules', ({ state }) => state === 'loaded')
    expect(hub.engine.conditions()).toEqual({ rules: null, engine: null })
  })

  test('that could not be read when a hub ended is no alert any more for the next hub, which can', async () => {
    const elsewhere = `${hub.rulesDir}-elsewhere`
    renameSync(hub.rulesDir, elsewhere)
    await hub.start()
    await hub.message('vigie/commands/alerts/rules/raise')
    await hub.stop()
    expect(hub.published.map(({ topic }) => topic)).not.toContain('vigie/alerts/rules')
    renameSync(elsewhere, hub.rulesDir)
    await hub.start()
    await hub.message('vigie/alerts/rules', ({ state }) => state === 'resolved')
    expect(hub.queries.alert('rules')).toMatchObject({ alert: { state: 'resolved', body: '' } })
  })

  test('that is empty is a folder of rules', async () => {
    renameSync(`${hub.rulesDir}/a.ts`, `${hub.rulesDir}-a.ts`)
    await hub.start()
    expect(await hub.engine.status()).toMatchObject({ state: 'running' })
    expect(hub.engine.conditions()).toEqual({ rules: null, engine: null })
  })
})
