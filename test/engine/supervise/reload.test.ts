// Covers `src/engine/supervise/news.ts`.

import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { longTest } from '../../support/long-test.ts'
import { SmallHub } from '../small-hub.ts'

// Each engine is a thread that loads its code: seconds, where other tests take the processor.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let hub: SmallHub

const says = (word: string, on = 'a') => `
  import { rule, call } from 'vigie'
  export default rule('says', { on: '${on}', do: () => call(() => '${word}') })`

const said = async (event: number): Promise<unknown> => {
  const { steps } = await hub.runOf('says', event)
  return (steps[0]!.outcome!.result as { value: unknown }).value
}

describe('with one hub', () => {
  beforeAll(async () => {
    hub = new SmallHub({ 'a.ts': says('before') })
    await hub.start()
  })
  afterAll(() => hub.remove())

  test('saving a rule file puts the new rules in force', async () => {
    expect(await said(await hub.send('a'))).toBe('before')
    hub.write({ 'a.ts': says('after', 'b') })
    await hub.until(() => (hub.interest.includes('b') && !hub.interest.includes('a')) || undefined)
    expect(await said(await hub.send('b'))).toBe('after')
  })

  test('saving a rule file with a mistake leaves the old rules running and says why', async () => {
    hub.write({ 'a.ts': `import { rule from 'vigie'` })
    const news = await hub.message('vigie/hub/rules', ({ state }) => state === 'refused')
    expect(news['failures']).toEqual([expect.stringMatching(/^rules\/a\.ts:1: /)])
    expect(await said(await hub.send('b'))).toBe('after')
    hub.write({ 'a.ts': says('mended', 'b') })
    await hub.engine.reload()
    expect(await said(await hub.send('b'))).toBe('mended')
  })

  longTest(
    'saving a file outside of the folder that a rule imports puts its new content in force',
    async () => {
      const outside = (word: string): void => writeFileSync(hub.path('w.ts'), `export const word = '${word}'`)
      outside('before')
      hub.write({
        'a.ts': `
        import { rule, call } from 'vigie'
        import { word } from '../w.ts'
        export default rule('says', { on: 'outside', do: () => call(() => word) })`,
      })
      await hub.engine.reload()
      expect(await said(await hub.send('outside'))).toBe('before')
      outside('after')
      const saidNow = async (): Promise<unknown> => said(await hub.send('outside'))
      await expect.poll(saidNow, { timeout: 60_000, interval: 200 }).toBe('after')
    },
  )

  test('a step under way ends in the engine that began it, and the new one takes the run from there', async () => {
    const rule = (word: string) => `
      import { rule, call, shell } from 'vigie'
      export default rule('says', { on: 'step', do: () => [
        shell\`sh -c \${'echo begun >> ${hub.path('begun')}; until [ -e ${hub.path('open')} ]; do sleep 0.05; done'}\`,
        call(() => '${word}'),
      ] })`
    hub.write({ 'a.ts': rule('old') })
    await hub.engine.reload()
    const event = await hub.send('step')
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
    await hub.engine.reload()
    const events: number[] = []
    const sender = setInterval(() => void hub.send('a').then((event) => events.push(event)), 20)
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
})

/** A hub for one test. */
function beginAlone(files: Record<string, string>): void {
  hub = new SmallHub(files)
  onTestFinished(() => hub.remove())
}

longTest('saving a rule file whose loading hangs leaves the old rules running', async () => {
  beginAlone({ 'a.ts': says('before') })
  await hub.start({ hangLimitMs: 1_500 })
  hub.write({ 'a.ts': `for (;;);` })
  await hub.message('vigie/hub/rules', ({ state }) => state === 'refused')
  expect(await said(await hub.send('a'))).toBe('before')
  expect(await hub.engine.status()).toMatchObject({ state: 'running', restarts: 0 })
})

longTest('engines that were replaced leave no thread and no port behind', async () => {
  beginAlone({ 'a.ts': says('0') })
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
