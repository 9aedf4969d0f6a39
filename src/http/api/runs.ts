// Runs: what was done because of the events, and their retry and cancellation.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { JsonText } from '../../model/json.ts'
import type { Queries } from '../../model/queries.ts'
import { RUN_CHANGES, RUN_STATES } from '../../model/run.ts'
import type { RunAnswer, RunChange } from '../../model/run.ts'
import { before, id, limit, since } from '../params.ts'
import { Reply, route } from '../route.ts'
import type { Resource } from '../route.ts'
import { run, step } from './nouns.ts'

export interface RunPorts {
  readonly queries: Remote<Pick<Queries, 'runs' | 'run'>>
  changeRun(this: void, id: number, change: RunChange): Promise<RunAnswer>
}

const SUMMARIES: Readonly<Record<RunChange, string>> = {
  retry: 'Try the dead steps of a dead run again',
  cancel: 'Cancel a run that has not ended',
}

export const runRoutes = ({ queries, changeRun }: RunPorts): Resource => ({
  name: 'Runs',
  about: 'A run is one firing of a rule; its steps are its actions.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/runs',
        summary: 'List runs, the newest first',
        needs: 'read',
        query: {
          rule: z.string().optional().describe('Only of this rule.'),
          state: z.enum(RUN_STATES).optional().describe('Only in this state.'),
          since,
          before,
          limit,
        },
        answers: { 200: { says: 'The runs.', schema: z.array(run) } },
      },
      ({ query }) => queries.runs(query),
    ),
    route(
      {
        method: 'GET',
        path: '/api/runs/{id}',
        summary: 'Show one run with its steps',
        needs: 'read',
        params: { id },
        answers: {
          200: { says: 'The run.', schema: run.extend({ steps: z.array(step) }) },
          404: 'There is no such run.',
        },
      },
      async ({ params }) => {
        const found = await queries.run(params.id)
        if (!found) throw new HTTPException(404, { message: `There is no run ${params.id}.` })
        return { ...found.run, steps: new JsonText(JSON.stringify(found.steps)) }
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
