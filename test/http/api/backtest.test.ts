import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { expect, test } from 'vitest'
import { OperatorError } from '../../../src/base/operator-error.ts'
import type { BacktestAnswer } from '../../../src/engine/inspect/backtests.ts'
import { backtestRoute } from '../../../src/http/api/backtest.ts'
import { serve } from '../../../src/http/serve.ts'
import type { RunsQuery } from '../../../src/model/queries.ts'
import { run } from '../../journal/nouns.ts'
import { admitAll } from '../open.ts'

const REPORT = {
  events: 40,
  firstEvent: 10,
  upTo: 5_000_000,
  isCut: false,
  rules: ['door'],
  runs: { rule: Uint32Array.of(0, 0), event: Float64Array.of(11, 12) },
  stages: { door: { fired: 2, when: 38 } },
  errors: [{ rule: 'door', event: 13, reason: 'it broke' }],
  last: [
    { rule: 'door', key: 'front', event: 11, at: 1, steps: ['ring'] },
    { rule: 'door', key: 'front', event: 12, at: 2, steps: [null] },
  ],
}

async function ask(answered: BacktestAnswer | Error) {
  const asked: RunsQuery[] = []
  const route = backtestRoute({
    async backtest() {
      if (answered instanceof Error) throw answered
      return answered
    },
    queries: {
      async runs(query) {
        asked.push(query)
        return [
          run(4, { event: 14, plannedAt: 9_000_000 }),
          run(3, { event: 12, details: { rerun: { run: 2, from: '0', by: null } } }),
          run(2, { event: 13 }),
          run(1, { event: 11 }),
          run(0, { event: 9 }),
        ]
      },
    },
  })
  const app = new Hono()
  app.route('/', serve({ name: '', about: '', routes: [route] }, admitAll))
  app.onError((error, context) =>
    context.json({ error: error.message }, error instanceof HTTPException ? error.status : 500),
  )
  const answer = await app.request('/api/rules/door/backtest?since=1970-01-01T00:00Z')
  return { status: answer.status, body: (await answer.json()) as unknown, asked }
}

test('what a rule would have done is told beside what it did, without what people ran again', async () => {
  const { status, body, asked } = await ask({ kind: 'done', report: REPORT })
  expect(asked).toMatchObject([{ rule: 'door', since: 0 }])
  expect([status, body]).toEqual([
    200,
    expect.objectContaining({
      rule: 'door',
      would: 2,
      did: 2,
      more: [12],
      fewer: [13],
      verdicts: { fired: 2, when: 38 },
      error: { event: 13, reason: 'it broke' },
      last: [
        { key: 'front', event: 12, at: 2, steps: [null] },
        { key: 'front', event: 11, at: 1, steps: ['ring'] },
      ],
    }),
  ])
})

test.each([
  [{ kind: 'busy' } as const, 429, 'Another backtest is being made; try again in a moment.'],
  [
    { kind: 'unknown', failures: ['door.ts:3: wrong'] } as const,
    404,
    'The rules as they are saved declare no rule "door". door.ts:3: wrong',
  ],
  [new OperatorError('The rule "door" hangs.'), 409, 'The rule "door" hangs.'],
])('%j is answered with %d', async (answered, status, error) => {
  expect(await ask(answered)).toMatchObject({ status, body: { error } })
})
