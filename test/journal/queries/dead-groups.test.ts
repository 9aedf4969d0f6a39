import { expect, it } from 'vitest'
import { likened } from '../../../src/journal/queries/dead-groups.ts'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openBench } from '../fixtures.ts'
import { event, run, step } from '../nouns.ts'

it('groups dead runs by rule and error, the most frequent first', () => {
  const { dataDir, writer } = openBench()
  const dead = (id: number, rule: string, reason: string) => ({
    run: run(id, { rule, state: 'dead', endedAt: id * 10 }),
    steps: [
      step(id, '0', { state: 'done' }),
      step(id, '1', { state: 'dead', outcome: { kind: 'give-up', reason } as const }),
      step(id, '2', { state: 'skipped' }),
    ],
  })
  writer.commit({
    events: [event(1)],
    changes: [
      {
        newRuns: [
          dead(1, 'door', 'status 502 after 31 ms'),
          dead(2, 'door', 'status 503 after 7 ms'),
          dead(3, 'door', 'no such host'),
          dead(4, 'lamp', 'status 502 after 3 ms'),
          { run: run(5, { state: 'dead', reason: 'two engines ended', endedAt: 50 }), steps: [] },
          { run: run(6, { state: 'done', endedAt: 60 }), steps: [] },
        ],
      },
    ],
  })
  expect(openQueries(dataDir).deadGroups()).toEqual([
    {
      rule: 'door',
      error: 'status … after … ms',
      count: 2,
      sample: 'status 503 after 7 ms',
      runs: [2, 1],
      newest: 2,
      oldest: 1,
      lastAt: 20,
      firstAt: 10,
    },
    expect.objectContaining({ rule: 'door', error: 'two engines ended', count: 1, newest: 5 }),
    expect.objectContaining({ rule: 'lamp', error: 'status … after … ms', count: 1 }),
    expect.objectContaining({ rule: 'door', error: 'no such host', count: 1 }),
  ])
})

it.each([
  ['connect ECONNREFUSED 127.0.0.1:8080', 'connect ECONNREFUSED …'],
  ['job 0b9c1d2e-77aa-4f10 is gone', 'job … is gone'],
  ['defaced', 'defaced'],
])('likens %s', (reason, expected) => {
  expect(likened(reason)).toBe(expected)
})
