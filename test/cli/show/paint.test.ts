// Which commands print colours, and where.
//
// Commands that ask a running hub paint by the same code.

import { beforeEach, expect, it } from 'vitest'
import { openBench } from '../../journal/fixtures.ts'
import { event, run, step } from '../../journal/nouns.ts'
import { runCommand } from '../../support/terminal.ts'

const ESCAPE = '\u001B['

let data: string
beforeEach(() => {
  const bench = openBench()
  data = bench.dataDir
  const planned = run(1, { rule: 'ring', plannedAt: 1_000 })
  bench.writer.commit({
    events: [event(1)],
    changes: [{ newRuns: [{ run: planned, steps: [step(1, '0')] }] }],
  })
})

const ofData = (words: string): string[] => [...words.split(' '), '--data', data]

it.each(['history', 'topics', 'runs', 'run show 1', 'why 1'])(
  'paints vigie %s where there are colours, and never elsewhere',
  async (words) => {
    const painted = await runCommand(ofData(words), { hasColors: true, isTty: true })
    expect(painted).toMatchObject({ status: 0, out: expect.stringContaining(ESCAPE) })
    const plain = await runCommand(ofData(words), { hasColors: false, isTty: false })
    expect(plain).toMatchObject({ status: 0, error: '' })
    expect(plain.out).not.toContain(ESCAPE)
  },
)

it.each(['history', 'runs'])('gives vigie %s as JSON without colours, wherever', async (words) => {
  const { out } = await runCommand(ofData(`${words} --json`), { hasColors: true, isTty: true })
  expect(out).not.toContain(ESCAPE)
})
