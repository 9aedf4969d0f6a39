import { beforeEach, expect, it } from 'vitest'
import { openBench } from '../../journal/fixtures.ts'
import { event, run, step } from '../../journal/nouns.ts'
import { runCommand } from '../../support/terminal.ts'

/** Two runs of `ring`, of which the second is done, and one of `blink`. */
let dataDir: string
beforeEach(() => {
  const bench = openBench()
  ;({ dataDir } = bench)
  bench.writer.commit({
    events: [event(1)],
    changes: [
      {
        newRuns: [
          { run: run(1, { rule: 'ring', plannedAt: 1_000 }), steps: [step(1, '0')] },
          { run: run(2, { rule: 'ring', plannedAt: 2_000 }), steps: [] },
          { run: run(3, { rule: 'blink', plannedAt: 3_000 }), steps: [] },
        ],
      },
      { runs: [{ id: 2, state: 'done', reason: null, startedAt: 2_000, endedAt: 2_250 }] },
    ],
  })
})

const shown = async (...argv: string[]): Promise<string[]> => {
  const { out } = await runCommand(['runs', ...argv, '--data', dataDir])
  return Array.from(out.matchAll(/#(\d+) +(\w+) +(\w+)/g), ([, id, state, rule]) => `${id} ${state} ${rule}`)
}

it('lists runs with their steps, the newest last', async () => {
  expect(await shown()).toEqual(['1 planned ring', '2 done ring', '3 planned blink'])
  const { out } = await runCommand(['runs', '--data', dataDir])
  expect(out).toContain(' in 250ms (event #1)')
  expect(out.split('\n')[1]).toMatch(/^ {4}\S/)
})

it('lists those of one rule, in one state, from one moment on, and no more than are asked for', async () => {
  expect(await shown('--rule', 'blink')).toEqual(['3 planned blink'])
  expect(await shown('--state', 'done')).toEqual(['2 done ring'])
  expect(await shown('--since', new Date(2_000).toISOString())).toEqual(['2 done ring', '3 planned blink'])
  expect(await shown('--limit', '2')).toEqual(['2 done ring', '3 planned blink'])
})

it('gives each as a line of JSON, with its steps', async () => {
  const { out } = await runCommand(['runs', '--json', '--data', dataDir])
  const lines = out.trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { id: 1, rule: 'ring', steps: [{ path: '0' }] },
    { id: 2, state: 'done', steps: [] },
    { id: 3, rule: 'blink', steps: [] },
  ])
})

it('says to a person that there are none, and refuses a state that there is not', async () => {
  const none = ['runs', '--rule', 'nobody', '--data', dataDir]
  expect(await runCommand(none, { isTty: true })).toMatchObject({ out: '', error: 'No run matches.\n' })
  expect(await runCommand(none)).toMatchObject({ status: 0, out: '', error: '' })
  const wrong = await runCommand(['runs', '--state', 'lost', '--data', dataDir])
  expect([wrong.status, wrong.error]).toEqual([expect.any(Number), expect.stringContaining('lost')])
  expect(wrong.status).not.toBe(0)
})
