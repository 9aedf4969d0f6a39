// Retained messages: listed a page at a time, counted, and cleared.

import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { retainedJson } from '../../model/event-json.ts'
import type { Queries } from '../../model/queries.ts'
import type { ClearedRetained, RetainedRange } from '../../model/store.ts'
import { refuseUnseen } from '../caller.ts'
import { filter, limit, PAGE_BYTES } from '../params.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'
import { seenRows } from '../seen.ts'
import { retained } from './nouns.ts'

export interface RetainedPorts {
  readonly queries: Remote<Pick<Queries, 'retained' | 'countRetained'>>
  /** See `RetainedQuery`. */
  readonly hiddenRoot: string | null
  clearRetained(this: void, range: RetainedRange): Promise<ClearedRetained>
}

export const retainedRoutes = ({ queries, hiddenRoot, clearRetained }: RetainedPorts): Resource => ({
  name: 'Retained messages',
  about: 'The message that each topic retains for whoever subscribes.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/retained',
        summary: 'List retained messages, in the order of their topics',
        needs: 'read',
        query: {
          filter: filter.default('#'),
          after: z.string().optional().describe('Only topics after this one: the last of the page before.'),
          limit,
        },
        answers: { 200: { says: 'The messages.', schema: z.array(retained) } },
      },
      async ({ query, context }) => {
        const { rows } = await seenRows(context.get('caller'), query.after, async (after) => {
          const from = after !== undefined && { after }
          const found = await queries.retained({ ...query, ...from, hiddenRoot, bytes: PAGE_BYTES })
          return { rows: found, isAll: found.length === 0 }
        })
        return rows.map((message) => retainedJson(message))
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/retained/count',
        summary: 'Count retained messages',
        needs: 'read',
        query: { filter: filter.default('#') },
        answers: {
          200: {
            says: 'How many there are.',
            schema: z.object({
              count: z.int(),
              upTo: z.int().describe('The newest event that brought one of them; 0 for none.'),
            }),
          },
        },
      },
      ({ query, context }) => {
        refuseUnseen(context.get('caller'), query.filter)
        return queries.countRetained({ ...query, hiddenRoot })
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/retained/clear',
        summary: 'Clear retained messages',
        about: 'Clears at most 10,000 at one time. Ask again while `isAll` is `false`.',
        needs: 'act',
        query: {
          filter,
          upTo: z.coerce
            .number()
            .int()
            .min(0)
            .describe('Only those that this event or an earlier one brought.'),
        },
        answers: {
          200: {
            says: 'How many were cleared.',
            schema: z.object({ cleared: z.int(), isAll: z.boolean() }),
          },
        },
      },
      ({ query }) => clearRetained(query),
    ),
  ],
})
