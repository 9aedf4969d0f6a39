import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openBacktests } from '../../../src/engine/inspect/backtests.ts'
import type { BacktestAnswer, BacktestPorts } from '../../../src/engine/inspect/backtests.ts'
import { openBench } from '../../journal/fixtures.ts'
import { event } from '../../journal/nouns.ts'
import { temporaryFolder } from '../../support/hub.ts'

const EVENTS = 3_000

const TENS = `import { publish, rule, shell } from 'vigie'
  export const tens = rule('tens', {
    on: 'n', when: ({ payload }) => Number(payload) % 10 === 0,
    do: ({ payload }) => [shell\`echo \${payload}\`, () => publish('out', payload)],
  })\n`

/** A journal of many events, and a rule that fires for each tenth. */
function bench(more: Partial<BacktestPorts> = {}, source = TENS) {
  const folder = temporaryFolder()
  const [rulesDir, dataDir] = [join(folder, 'rules'), join(folder, 'data')]
  mkdirSync(rulesDir)
  mkdirSync(dataDir)
  writeFileSync(join(rulesDir, 'tens.ts'), source)
  const { writer } = openBench({ dataDir })
  const events = Array.from({ length: EVENTS }, (_, index) =>
    event(index + 1, { at: (index + 1) * 1_000, topic: 'n', payload: Buffer.from(String(index + 1)) }),
  )
  writer.commit({ events })
  return openBacktests({ rulesDir, root: 'vigie', dataDir, ...more })
}

const ALL = { rule: 'tens', since: 0, until: EVENTS * 1_000 }

const reportOf = (answer: BacktestAnswer) => {
  if (answer.kind !== 'done') throw new Error(answer.kind)
  return answer.report
}

test('a backtest tells the verdicts, and the last runs with what their steps would have done', async () => {
  const report = reportOf(await bench()(ALL))
  expect(report).toMatchObject({
    events: EVENTS,
    isCut: false,
    upTo: ALL.until,
    stages: { tens: { fired: 300, when: 2_700 } },
  })
  expect(report.last).toHaveLength(100)
  expect(report.last.at(-1)).toEqual({
    rule: 'tens',
    key: '',
    event: 3_000,
    at: 3_000_000,
    steps: ['echo 3000', 'publish out'],
  })
})

test('too many events are cut, the newest are looked at; and one that takes too long ends where it is', async () => {
  const cut = reportOf(await bench({ mostEvents: 100 })(ALL))
  expect(cut).toMatchObject({ events: 100, isCut: true, firstEvent: EVENTS - 99 })
  const short = reportOf(await bench({ longestMs: 0 })(ALL))
  expect(short.events).toBeLessThan(EVENTS)
  expect(short.upTo).toBe(short.events * 1_000)
})

test('one whose rule is slow ends when the time is up, and not at the end of a thousand events', async () => {
  const slow = `import { rule } from 'vigie'
    export const tens = rule('tens', {
      on: 'n',
      when: () => {
        for (const end = performance.now() + 20; performance.now() < end;);
        return false
      },
      do: () => [],
    })\n`
  const report = reportOf(await bench({ longestMs: 100 }, slow)(ALL))
  expect(report.events).toBeLessThan(10)
  expect(report.upTo).toBe(report.events * 1_000)
  expect(report.stages).toEqual({ tens: { when: report.events } })
})

test('one is made at a time, and a rule that the files do not declare is told', async () => {
  const backtest = bench()
  const first = backtest(ALL)
  expect(await backtest(ALL)).toEqual({ kind: 'busy' })
  expect((await first).kind).toBe('done')
  expect(await backtest({ ...ALL, rule: 'twos' })).toEqual({ kind: 'unknown', failures: [] })
})
