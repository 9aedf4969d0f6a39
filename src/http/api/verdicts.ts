// Verdicts: what each rule made of the events on its topics.

import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import type { Queries } from '../../model/queries.ts'
import { STAGES } from '../../model/verdict.ts'
import { before, limit, since } from '../params.ts'
import { page, PAGED, route } from '../route.ts'
import type { Resource } from '../route.ts'
import { verdict } from './nouns.ts'

export const verdictRoutes = (queries: Remote<Pick<Queries, 'verdicts'>>): Resource => ({
  name: 'Verdicts',
  about: 'What each rule made of the events on its topics: fired, or the condition that said no.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/verdicts',
        summary: 'List verdicts, the newest event first',
        about: PAGED,
        needs: 'read',
        looksAt: 'rules',
        query: {
          rule: z.string().optional().describe('Only of this rule.'),
          stage: z.enum(STAGES).optional().describe('Only those that this condition decided.'),
          since,
          before: before.describe('Only on events before this one.'),
          limit,
        },
        answers: { 200: { says: 'The verdicts.', schema: z.array(verdict) } },
      },
      async ({ query, context }) => {
        const { verdicts, isAll } = await queries.verdicts(query)
        return page(context, verdicts, isAll ? null : { before: verdicts.at(-1)!.event })
      },
    ),
  ],
})
