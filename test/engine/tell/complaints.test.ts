import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Complaints } from '../../../src/engine/tell/complaints.ts'
import { newStep } from '../../../src/engine/runs/open-run.ts'
import type { Run, Step } from '../../../src/model/run.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { readableLog } from '../../support/log.ts'

const failed = (rule: string, event: number): Verdict => ({
  rule,
  key: '',
  event,
  stage: 'error',
  reason: `rules/a.ts:3:9: rule "${rule}": when threw TypeError: no`,
  at: 0,
})

const run = (id: number, state: Run['state']): Run => ({
  id,
  rule: 'brittle',
  key: '',
  event: 1,
  state,
  plannedAt: 0,
  startedAt: 0,
  endedAt: 0,
  reason: null,
})

const dead = (path: string, reason: string, attempt = 1): Step => ({
  ...newStep(1, path, null),
  state: 'dead',
  attempt,
  outcome: { kind: 'retry', reason },
})

test('names the run that is dead, the step, the reason, and what to do next', () => {
  const { log, lines } = readableLog()
  const complaints = new Complaints({ clock: new ManualClock(), log })
  complaints.ended(run(7, 'done'), [])
  complaints.ended(run(8, 'dead'), [dead('0', 'sh exited with 7', 3), dead('0!0', 'nor this')])
  expect(lines).toEqual([
    'Run 8 of rule "brittle" is dead: sh exited with 7 (step 0, after 3 attempts). "vigie run show 8" tells more, "vigie run retry 8" tries it again.',
  ])
})

test('tells the first of each rule at once, and counts what follows within a minute', () => {
  const clock = new ManualClock()
  const { log, lines } = readableLog()
  const complaints = new Complaints({ clock, log })
  for (const event of [1, 2, 3]) complaints.failed(failed('a', event))
  complaints.failed(failed('b', 4))
  expect(lines).toEqual([
    'rules/a.ts:3:9: rule "a": when threw TypeError: no; nothing was done for event 1.',
    'rules/a.ts:3:9: rule "b": when threw TypeError: no; nothing was done for event 4.',
  ])
  clock.advance(60_000)
  expect(lines.slice(2)).toEqual(['Rule "a": in the last 1m, 2 more of its events were missed.'])
  complaints.failed(failed('a', 5))
  expect(lines).toHaveLength(4)
})
