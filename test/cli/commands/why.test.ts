// Covers `src/model/verdict-words.ts`, `src/cli/show/story-lines.ts`, `src/model/story.ts`.

import { beforeEach, expect, it } from 'vitest'
import type { StepChange } from '../../../src/model/store.ts'
import type { Stage, Verdict } from '../../../src/model/verdict.ts'
import { openBench } from '../../journal/fixtures.ts'
import { event, run, step, stepChange } from '../../journal/nouns.ts'
import { jsonPropertyBytes } from '../../../src/model/json-properties.ts'
import { runCommand } from '../../support/terminal.ts'

/** A door opens (1), which rings (run 1), which publishes (2), which makes a lamp blink (run 2), whose end is told (3). */
const TRACED = jsonPropertyBytes({
  userProperties: [['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']],
})

let dataDir: string
beforeEach(() => {
  const bench = openBench()
  ;({ dataDir } = bench)
  const said = (rule: string, of: number, stage: Stage, reason = '', at = 1_000_000): Verdict => ({
    rule,
    key: 'front',
    event: of,
    stage,
    reason,
    at,
  })
  const begun = (of: number, attempt: number): StepChange => stepChange(of, '0', 'running', attempt)
  const failed: StepChange = {
    ...stepChange(1, '0', 'waiting', 1),
    outcome: { kind: 'retry', reason: 'no answer' },
  }
  const done: StepChange = { ...stepChange(1, '0', 'done', 2), outcome: { kind: 'done', result: {} } }
  const ended = { reason: null, startedAt: 1_000_000, endedAt: 1_000_250 }
  bench.writer.commit({
    events: [
      event(1, { topic: 'doors/front', payload: Buffer.from('open\u001b[2J') }),
      event(2, { topic: 'bell', client: null, origin: 'hub', cause: { event: 1, run: 1, depth: 1 } }),
      event(3, {
        topic: 'vigie/runs/blink',
        client: null,
        origin: 'hub',
        cause: { event: 2, run: 2, depth: 2 },
      }),
      event(4, { topic: 'lonely', properties: TRACED }),
      event(5, { topic: 'orphan', cause: { event: 999, run: null, depth: 1 } }),
    ],
    changes: [
      {
        newRuns: [
          { run: run(1, { rule: 'ring', key: 'front' }), steps: [step(1, '0')] },
          { run: run(2, { rule: 'blink', event: 2 }), steps: [] },
        ],
        verdicts: [
          said('ring', 1, 'for', 'until later'),
          said('ring', 1, 'fired', '', 1_000_001),
          said('night', 1, 'when', 'it is day'),
          said('blink', 2, 'fired'),
        ],
      },
      { runs: [{ id: 1, state: 'running', ...ended, endedAt: null }], steps: [begun(1, 1)] },
      { steps: [failed] },
      { steps: [begun(1, 2)] },
      {
        runs: [
          { id: 1, state: 'done', ...ended },
          { id: 2, state: 'done', ...ended },
        ],
        steps: [done],
      },
    ],
  })
})

const why = (subject: string, ...more: string[]) =>
  runCommand(['why', subject, '--data', dataDir, ...more], { cwd: dataDir })
/** Without times, which are those of this machine's place. */
const plain = (out: string): string[] =>
  out
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/g, 'TIME')
    .trimEnd()
    .split('\n')

it('shows all that came of an event: runs, steps with their attempts, what they published, and who said no', async () => {
  const { status, out } = await why('#1')
  expect(plain(out)).toEqual([
    '#1 TIME doors/front open\\x1b[2J (live, c1) ◀',
    '├─ ring front run:1 done in 250ms',
    '│  ├─ 0 done      wait 1s (attempt 2)',
    '│  │  └─ attempt 1, TIME: no answer',
    '│  └─ #2 TIME bell hello (hub)',
    '│     └─ blink run:2 done in 250ms',
    '│        └─ #3 TIME vigie/runs/blink hello (hub)',
    '└─ ✗ night front when: it is day',
  ])
  expect(status).toBe(0)
})

it('shows the way from the first cause down to what was asked about', async () => {
  expect(plain((await why('run:2')).out)).toEqual([
    '#1 TIME doors/front open\\x1b[2J (live, c1)',
    '└─ ring front run:1 done in 250ms',
    '   └─ #2 TIME bell hello (hub)',
    '      └─ blink run:2 done in 250ms ◀',
    '         └─ #3 TIME vigie/runs/blink hello (hub)',
  ])
})

it('says that no rule waited for an event, and that a cause is no longer kept', async () => {
  expect(plain((await why('4')).out)).toEqual([
    '#4 TIME lonely hello (live, c1, trace 4bf92f3577b34da6a3ce929d0e0e4736) ◀',
    '└─ no rule waited for it',
  ])
  expect(plain((await why('5')).out)[0]).toBe('because of event #999, which is no longer kept')
})

it('gives the same tree as one JSON object', async () => {
  const { out } = await why('2', '--json')
  expect(JSON.parse(out)).toMatchObject({
    kind: 'event',
    id: 1,
    children: [
      {
        kind: 'run',
        id: 1,
        rule: 'ring',
        children: [
          { kind: 'event', id: 2, subject: true, skips: [], children: [{ kind: 'run', id: 2, steps: [] }] },
        ],
      },
    ],
  })
})

it('says how to name what it does not understand or know', async () => {
  expect((await why('door')).error).toContain('names neither an event (12 or #12) nor a run (run:3)')
  expect((await why('77')).error).toContain('There is no event #77 in the history')
  expect((await why('run:77')).error).toContain('There is no run #77')
})
