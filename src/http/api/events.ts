// Events: the history, a page at a time, and one event with what the rules made of it.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { systemClock } from '../../base/clock.ts'
import { eventJson } from '../../model/event-json.ts'
import type { Queries } from '../../model/queries.ts'
import { mayLook, maySee, refuseUnseen } from '../caller.ts'
import {
  before,
  conditionsOf,
  eventConditions,
  filter,
  id,
  limit,
  MOST_LOOKS,
  PAGE_BYTES,
  since,
  until,
} from '../params.ts'
import { page, PAGED, route } from '../route.ts'
import type { Resource } from '../route.ts'
import { seenHistory } from '../seen.ts'
import { at, event, run, verdict } from './nouns.ts'

type EventQueries = Remote<Pick<Queries, 'historyPage' | 'histogram' | 'event' | 'verdictsOf' | 'runsOf'>>

const DAY_MS = 86_400_000

const histogram = z.object({
  from: at.describe('When the first step begins.'),
  stepMs: z.int(),
  counts: z.array(z.int()).describe('The events of each step.'),
})

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
          'A page is shorter than `limit` when its payloads reach 4 MiB, or when many events had to be looked at. ' +
          PAGED,
        needs: 'read',
        query: { ...eventConditions, before, limit },
        answers: { 200: { says: 'The events.', schema: z.array(event) } },
      },
      async ({ query, context }) => {
        const asked = { ...conditionsOf(query), bytes: PAGE_BYTES, looks: MOST_LOOKS }
        const { events, reached, isAll } = await seenHistory(
          context.get('caller'),
          asked,
          (each) => queries.historyPage(each),
          context.req.raw.signal,
        )
        const rows = events.map((each) => eventJson(each))
        return page(context, rows, isAll ? null : { before: reached })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/events/counts',
        summary: 'Count events in steps of time, for a plot',
        about:
          'The length of a step is one that people read a clock by. Steps of an hour or more count whole hours, and ' +
          'also what has been pruned since; where there are very many events, no step is shorter.',
        needs: 'read',
        query: {
          filter: filter.optional(),
          since: since.default(() => systemClock.now() - DAY_MS),
          until: until.default(() => systemClock.now()),
          bars: z.coerce.number().int().min(1).max(500).default(60).describe('The most steps, about.'),
        },
        answers: { 200: { says: 'The counts.', schema: histogram } },
      },
      ({ query, context }) => {
        refuseUnseen(context.get('caller'), query.filter)
        return queries.histogram(query)
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/events/{id}',
        summary: 'Show one event, what each rule made of it, and its runs',
        about: 'Whoever may not look at runs sees neither verdicts nor runs.',
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
      async ({ params, context }) => {
        const caller = context.get('caller')
        const found = await queries.event(params.id)
        if (!found || !maySee(caller, found.topic))
          throw new HTTPException(404, { message: `There is no event ${params.id} in the history.` })
        if (!mayLook(caller, 'runs')) return { ...eventJson(found), verdicts: [], runs: [] }
        const [verdicts, runs] = await Promise.all([queries.verdictsOf(params.id), queries.runsOf(params.id)])
        return { ...eventJson(found), verdicts, runs }
      },
    ),
  ],
})
