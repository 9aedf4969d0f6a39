// Events: the history, a page at a time, and one event with what the rules made of it.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { eventJson } from '../../model/event-json.ts'
import type { Queries } from '../../model/queries.ts'
import { before, filter, id, limit, PAGE_BYTES, since, until } from '../params.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'
import { event, run, verdict } from './nouns.ts'

export type EventQueries = Remote<Pick<Queries, 'history' | 'event' | 'verdictsOf' | 'runsOf'>>

export const eventRoutes = (queries: EventQueries): Resource => ({
  name: 'Events',
  about: 'The recorded events: every message that the history keeps.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/events',
        summary: 'List events, the newest first',
        about:
          'A page ends early when its payloads reach 4 MiB. For the next page, give the smallest `id` as `before`.',
        needs: 'read',
        query: { filter: filter.optional(), since, until, before, limit },
        answers: { 200: { says: 'The events.', schema: z.array(event) } },
      },
      async ({ query }) =>
        (await queries.history({ ...query, bytes: PAGE_BYTES })).map((each) => eventJson(each)),
    ),
    route(
      {
        method: 'GET',
        path: '/api/events/{id}',
        summary: 'Show one event, what each rule made of it, and its runs',
        needs: 'read',
        params: { id },
        answers: {
          200: {
            says: 'The event.',
            schema: event.extend({ verdicts: z.array(verdict), runs: z.array(run) }),
          },
          404: 'The history does not hold this event.',
        },
      },
      async ({ params }) => {
        const found = await queries.event(params.id)
        if (!found)
          throw new HTTPException(404, { message: `There is no event ${params.id} in the history.` })
        const [verdicts, runs] = await Promise.all([queries.verdictsOf(params.id), queries.runsOf(params.id)])
        return { ...eventJson(found), verdicts, runs }
      },
    ),
  ],
})
