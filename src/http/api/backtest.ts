// What a rule would have done with the recorded events of a while, and how that differs from what it did.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { systemClock } from '../../base/clock.ts'
import { OperatorError } from '../../base/operator-error.ts'
import { differences, firingsOf } from '../../engine/virtual/backtest-difference.ts'
import type { Backtest } from '../../engine/inspect/backtests.ts'
import type { BacktestReport } from '../../engine/virtual/backtest.ts'
import type { Queries } from '../../model/queries.ts'
import { STAGES } from '../../model/verdict.ts'
import { refuseUnseen } from '../caller.ts'
import { since, until } from '../params.ts'
import { route } from '../route.ts'
import type { Route } from '../route.ts'
import { at } from './nouns.ts'

export interface BacktestPorts {
  readonly queries: Remote<Pick<Queries, 'runs'>>
  readonly backtest: Backtest
}

const DAY_MS = 86_400_000
/** Events that are named of those in which the two differ, and runs of the rule that are compared. */
const MOST_NAMED = 100
const MOST_COMPARED = 100_000

const answer = z
  .object({
    rule: z.string(),
    since: at,
    until: at,
    upTo: at.describe('Up to when events were looked at: before `until` when it would have taken too long.'),
    isCut: z.boolean().describe('Older events were left out, because there were too many.'),
    events: z.int().describe('Recorded events that were looked at.'),
    would: z.int().describe('How often it would have run.'),
    did: z.int().describe('How often it did run for these events.'),
    more: z
      .array(z.int())
      .describe(`The newest ${MOST_NAMED} events for which it would have run, and did not.`),
    fewer: z
      .array(z.int())
      .describe(`The newest ${MOST_NAMED} events for which it did run, and would not have.`),
    verdicts: z.partialRecord(z.enum(STAGES), z.int()),
    error: z
      .object({ event: z.int(), reason: z.string() })
      .nullable()
      .describe('The first error of its code.'),
    last: z
      .array(
        z.object({
          event: z.int(),
          at,
          key: z.string(),
          steps: z.array(z.string().nullable()).describe('What it would have done; `null`: not decided.'),
        }),
      )
      .describe('The last runs that it would have made, the newest first.'),
  })
  .meta({ id: 'Backtest' })

export const backtestRoute = ({ queries, backtest }: BacktestPorts): Route =>
  route(
    {
      method: 'GET',
      path: '/api/rules/{name}/backtest',
      summary: 'Say what a rule would have done with recorded events',
      about:
        'What `vigie backtest` does, for one rule as it is saved now. Nothing is performed. It runs in a process ' +
        'of its own, one at a time, for at most half a minute.',
      needs: 'read',
      looksAt: 'rules',
      params: { name: z.string() },
      query: {
        since: since
          .default(() => systemClock.now() - DAY_MS)
          .describe('From this moment on; by default a day ago.'),
        until,
      },
      answers: {
        200: { says: 'What it would have done.', schema: answer },
        404: 'The rules as they are saved declare no such rule.',
        409: 'Code of the rules hangs, or ends its process.',
        429: 'Another backtest is being made.',
      },
    },
    async ({ params: { name }, query, context }) => {
      // What it would have done is made of the messages.
      refuseUnseen(context.get('caller'))
      const span = { since: query.since, until: query.until ?? systemClock.now() }
      const answered = await backtest({ rule: name, ...span }).catch((error: unknown) => {
        if (error instanceof OperatorError) throw new HTTPException(409, { message: error.message })
        throw error
      })
      if (answered.kind === 'busy')
        throw new HTTPException(429, { message: 'Another backtest is being made; try again in a moment.' })
      if (answered.kind === 'unknown')
        throw new HTTPException(404, { message: unknownRule(name, answered.failures) })
      return compared(name, span, answered.report, queries)
    },
  )

async function compared(
  rule: string,
  span: { readonly since: number; readonly until: number },
  report: BacktestReport,
  queries: BacktestPorts['queries'],
) {
  const { events, firstEvent, upTo, isCut, stages, errors, last } = report
  const runs = await queries.runs({ rule, since: span.since, limit: MOST_COMPARED })
  const done = runs
    .filter(({ event, plannedAt, details }) => event >= firstEvent && plannedAt <= upTo && !details?.rerun)
    .map(({ event }) => event)
  const [found] = differences([rule], firingsOf(report), new Map([[rule, done]]))
  const { would, did, more, fewer } = found!
  const [error] = errors
  return {
    rule,
    ...span,
    upTo,
    isCut,
    events,
    would,
    did,
    more: more.slice(-MOST_NAMED),
    fewer: fewer.slice(-MOST_NAMED),
    verdicts: stages[rule] ?? {},
    error: error === undefined ? null : { event: error.event, reason: error.reason },
    last: last.map(({ rule: _rule, ...run }) => run).toReversed(),
  }
}

function unknownRule(name: string, failures: readonly string[]): string {
  const said = `The rules as they are saved declare no rule ${JSON.stringify(name)}.`
  return failures.length === 0 ? said : `${said} ${failures.join(' ')}`
}
