// Covers `src/engine/supervise/news.ts`.

import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { longTest } from '../../support/long-test.ts'
import { SmallHub } from '../small-hub.ts'

// Each engine is a thread that loads its code: seconds, where other tests take the processor.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let hub: SmallHub
beforeEach(() => {
  hub = new SmallHub()
})
afterEach(() => hub.remove())

const says = (word: string, on = 'a') => `
  import { rule, call } from 'vigie'
  export default rule('says', { on: '${on}', do: () => call(() => '${word}') })`

const said = async (event: number): Promise<unknown> => {
  const { steps } = await hub.runOf('says', event)
  return (steps[0]!.outcome!.result as { value: unknown }).value
}

describe('saving a rule file', () => {
  test('puts the new rules in force', async () => {
    hub.write({ 'a.ts': says('before') })
    await hub.start()
    expect(await said(await hub.send('a'))).toBe('before')
    hub.write({ 'a.ts': says('after', 'b') })
    await hub.until(() => (hub.interest.includes('b') && !hub.interest.includes('a')) || undefined)
    expect(await said(await hub.send('b'))).toBe('after')
  })

  test('with a mistake leaves the old rules running and says why', async () => {
    hub.write({ 'a.ts': says('before') })
    await hub.start()
    hub.write({ 'a.ts': `import { rule from 'vigie'` })
    const news = await hub.message('vigie/hub/rules', ({ state }) => state === 'refused')
    expect(news['failures']).toEqual([expect.stringMatching(/^rules\/a\.ts:1: /)])
    expect(await said(await hub.send('a'))).toBe('before')
    hub.write({ 'a.ts': says('mended') })
    await hub.message('vigie/hub/rules', ({ state, rules }) => state === 'loaded' && rules !== undefined)
    await hub.engine.reload()
    expect(await said(await hub.send('a'))).toBe('mended')
  })

  test('outside of the folder that a rule imports puts its new content in force', async () => {
    const outside = (word: string): void => writeFileSync(hub.path('w.ts'), `export const word = '${word}'`)
    outside('before')
    hub.write({
      'a.ts': `
        import { rule, call } from 'vigie'
        import { word } from '../w.ts'
        export default rule('says', { on: 'a', do: () => call(() => word) })`,
    })
    await hub.start()
    expect(await said(await hub.send('a'))).toBe('before')
    const loads = (): number => hub.published.filter(({ topic }) => topic === 'vigie/hub/rules').length
    const before = loads()
    outside('after')
    await hub.until(() => loads() > before || undefined)
    expect(await said(await hub.send('a'))).toBe('after')
  })

  longTest('whose loading hangs leaves the old rules running', async () => {
    hub.write({ 'a.ts': says('before') })
    await hub.start({ hangLimitMs: 1_500 })
    hub.write({ 'a.ts': `for (;;);` })
    await hub.message('vigie/hub/rules', ({ state }) => state === 'refused')
    expect(await said(await hub.send('a'))).toBe('before')
    expect(await hub.engine.status()).toMatchObject({ state: 'running', restarts: 0 })
  })
})

test('a step under way ends in the engine that began it, and the new one takes the run from there', async () => {
  const rule = (word: string) => `
    import { rule, call, shell } from 'vigie'
    export default rule('says', { on: 'a', do: () => [
      shell\`sh -c \${'echo begun >> ${hub.path('begun')}; until [ -e ${hub.path('open')} ]; do sleep 0.05; done'}\`,
      call(() => '${word}'),
    ] })`
  hub.write({ 'a.ts': rule('old') })
  await hub.start()
  const event = await hub.send('a')
  await hub.fileAppears('begun')
  hub.write({ 'a.ts': rule('new') })
  await hub.engine.reload()
  expect(await hub.engine.status()).toMatchObject({ now: { openRuns: 1, stepsUnderWay: 1 } })
  hub.touch('open')
  const { steps } = await hub.runOf('says', event)
  expect(hub.read('begun')).toBe('begun\n')
  expect(steps).toMatchObject([
    { state: 'done', attempt: 1 },
    { state: 'done', outcome: { result: { value: 'new' } } },
  ])
})

test('events that come while engines are swapped are taken once each', async () => {
  hub.write({ 'a.ts': says('0') })
  await hub.start()
  const events: number[] = []
  const sender = setInterval(() => void hub.send('a').then((event) => events.push(event)), 5)
  for (let version = 1; version <= 2; version++) {
    hub.write({ 'a.ts': says(String(version)) })
    await hub.engine.reload()
  }
  clearInterval(sender)
  events.push(await hub.send('a'))
  const words = []
  for (const event of events) words.push(Number(await said(event)))
  expect(words).toEqual(words.toSorted((a, b) => a - b))
  expect(words.at(-1)).toBe(2)
  for (const event of events) expect(hub.queries.runsOf(event)).toHaveLength(1)
})

longTest('engines that were replaced leave no thread and no port behind', async () => {
  hub.write({ 'a.ts': says('0') })
  await hub.start()
  const reload = async (version: number): Promise<readonly string[]> => {
    hub.write({ 'a.ts': says(String(version)) })
    await hub.engine.reload()
    expect(await said(await hub.send('a'))).toBe(String(version))
    return process
      .getActiveResourcesInfo()
      .filter((name) => /Worker|MessagePort/.test(name))
      .toSorted()
  }
  const first = await reload(1)
  expect(first).toContain('MessagePort')
  for (let version = 2; version <= 4; version++) await reload(version)
  // The last one that was replaced may still be ending.
  await vi.waitFor(async () => expect(await reload(5)).toEqual(first), { timeout: 30_000 })
})
