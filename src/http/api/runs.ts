// Runs: what was done because of the events, and how an operator tries them again, ends or discards them.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { JsonText } from '../../model/json.ts'
import type { Queries } from '../../model/queries.ts'
import { RUN_CHANGES, RUN_STATES } from '../../model/run.ts'
import type { RerunAnswer, RerunOrder, RunAnswer, RunChange } from '../../model/run.ts'
import { refuseCommand, signed } from '../caller.ts'
import { before, id, limit, since, until } from '../params.ts'
import { page, PAGED, Reply, route } from '../route.ts'
import type { Resource } from '../route.ts'
import { at, attempt, run, step } from './nouns.ts'

export interface RunPorts {
  readonly queries: Remote<Pick<Queries, 'runs' | 'run' | 'attemptsOf' | 'deadGroups'>>
  changeRun(this: void, id: number, change: RunChange): Promise<RunAnswer>
  rerun(this: void, id: number, order: RerunOrder): Promise<RerunAnswer>
}

/** Runs that one request may change. */
const MOST_AT_ONCE = 500

const deadGroup = z
  .object({
    rule: z.string(),
    error: z.string().describe('With `…` where its ids and numbers differ.'),
    count: z.int(),
    sample: z.string().describe('The error of the newest run.'),
    runs: z.array(z.int()).describe('Their numbers, the newest first; at most 500.'),
    newest: z.int().describe('A run.'),
    oldest: z.int(),
    lastAt: at,
    firstAt: at,
  })
  .meta({ id: 'DeadGroup' })

const SUMMARIES: Readonly<Record<RunChange, string>> = {
  retry: 'Try the dead steps of a dead run again',
  cancel: 'Cancel a run that has not ended',
  discard: 'Discard a dead run, which nobody is going to try again',
}

export const runRoutes = ({ queries, changeRun, rerun }: RunPorts): Resource => ({
  name: 'Runs',
  about: 'A run is one firing of a rule; its steps are its actions.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/runs',
        summary: 'List runs, the newest first',
        about: PAGED,
        needs: 'read',
        looksAt: 'runs',
        query: {
          rule: z.string().optional().describe('Only of this rule.'),
          key: z.string().optional().describe('Only of this key of the rule.'),
          event: z.coerce.number().int().positive().optional().describe('Only what this event fired.'),
          state: z.enum(RUN_STATES).optional().describe('Only in this state.'),
          since,
          until,
          before,
          limit,
        },
        answers: { 200: { says: 'The runs.', schema: z.array(run) } },
      },
      async ({ query, context }) => {
        const runs = await queries.runs(query)
        return page(context, runs, runs.length < query.limit ? null : { before: runs.at(-1)!.id })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/runs/dead',
        summary: 'Group the dead runs by rule and error',
        about: 'The newest 20,000 dead runs. Numbers and identifiers in an error count as the same error.',
        needs: 'read',
        looksAt: 'runs',
        answers: { 200: { says: 'The groups, the largest first.', schema: z.array(deadGroup) } },
      },
      () => queries.deadGroups(),
    ),
    route(
      {
        method: 'GET',
        path: '/api/runs/{id}',
        summary: 'Show one run with its steps',
        needs: 'read',
        looksAt: 'runs',
        params: { id },
        answers: {
          200: { says: 'The run.', schema: run.extend({ steps: z.array(step), attempts: z.array(attempt) }) },
          404: 'There is no such run.',
        },
      },
      async ({ params }) => {
        const [found, attempts] = await Promise.all([queries.run(params.id), queries.attemptsOf(params.id)])
        if (!found) throw new HTTPException(404, { message: `There is no run ${params.id}.` })
        return {
          ...found.run,
          steps: new JsonText(JSON.stringify(found.steps)),
          attempts: new JsonText(JSON.stringify(attempts)),
        }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/runs/change',
        summary: 'Retry, cancel or discard several runs',
        about: `At most ${MOST_AT_ONCE} at one time, one after the other; what could not be changed is told.`,
        needs: 'act',
        body: z.object({
          change: z.enum(RUN_CHANGES),
          ids: z.array(z.int().positive()).min(1).max(MOST_AT_ONCE),
        }),
        answers: {
          200: {
            says: 'What came of it.',
            schema: z.object({
              changed: z.int().describe('How many were changed.'),
              refused: z.array(z.object({ id: z.int(), reason: z.string() })),
            }),
          },
        },
      },
      async ({ body: { change, ids }, context }) => {
        const caller = context.get('caller')
        for (const each of ids) refuseCommand(caller, `${caller.root}/commands/runs/${each}/${change}`)
        const refused: { id: number; reason: string }[] = []
        for (const each of new Set(ids)) {
          const made = await changeRun(each, change)
          if (!made.ok) refused.push({ id: each, reason: made.reason })
        }
        return { changed: new Set(ids).size - refused.length, refused }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/runs/{id}/rerun',
        summary: 'Run a run once more, as a new run',
        about:
          'What `vigie run rerun` does. The rule as it is now says what is to be done; the steps before `from` ' +
          'keep their results.',
        needs: 'act',
        params: { id },
        body: z.strictObject({
          from: z.string().default('0').describe('The step to begin from, in the first row.'),
          input: z
            .json()
            .optional()
            .describe("What the rule is given in place of the event's payload; a text is taken as it is."),
          by: z.string().max(500).optional().describe('Who wants it.'),
        }),
        answers: {
          200: { says: 'The new run.', schema: z.object({ run: z.int().describe('Its number.') }) },
          409: 'The run cannot be run again, and why.',
        },
      },
      async ({ params, body: { from, input, by }, context }) => {
        const text = typeof input === 'string' || input === undefined ? input : JSON.stringify(input)
        const order = { from, ...(text !== undefined && { input: text }), ...(by !== undefined && { by }) }
        const made = await rerun(params.id, signed(context.get('caller'), order))
        return made.ok ? { run: made.run } : new Reply(409, { error: made.reason })
      },
    ),
    ...RUN_CHANGES.map((change) =>
      route(
        {
          method: 'POST',
          path: `/api/runs/{id}/${change}`,
          summary: SUMMARIES[change],
          needs: 'act',
          params: { id },
          answers: {
            200: { says: 'It is done.', schema: z.object({ ok: z.literal(true) }) },
            409: 'The run is not in a state in which this can be done, or is not known.',
          },
        },
        async ({ params }) => {
          const made = await changeRun(params.id, change)
          return made.ok ? { ok: true } : new Reply(409, { error: made.reason })
        },
      ),
    ),
  ],
})
