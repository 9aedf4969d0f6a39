// Topics: all on which anything was ever published, each with its last message.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { eventJson } from '../../model/event-json.ts'
import type { Queries, TopicStatus } from '../../model/queries.ts'
import { maySee } from '../caller.ts'
import { filter, limit, PAGE_BYTES } from '../params.ts'
import { page, PAGED, route } from '../route.ts'
import type { Resource } from '../route.ts'
import { seenRows } from '../seen.ts'
import { event } from './nouns.ts'

type TopicQueries = Remote<Pick<Queries, 'topics'>>

const topic = z
  .object({
    topic: z.string(),
    events: z.int().describe('How many events were recorded on it, forgotten ones included.'),
    last: event.nullable().describe('The newest message; `null` when it is forgotten and none is retained.'),
    retained: z.boolean().describe('The topic retains a message.'),
  })
  .meta({ id: 'Topic' })

export const topicRoutes = (queries: TopicQueries): Resource => ({
  name: 'Topics',
  about: 'All topics on which anything was ever published, each with its last message.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/topics',
        summary: 'List topics, in the order of their names',
        about: `A page is shorter than \`limit\` when its payloads reach 4 MiB. ${PAGED}`,
        needs: 'read',
        query: {
          filter: filter.optional(),
          text: z.string().optional().describe('Words that all stand in the name, in upper or lower case.'),
          after: z.string().optional().describe('Only topics after this one: the last of the page before.'),
          limit,
        },
        answers: { 200: { says: 'The topics.', schema: z.array(topic) } },
      },
      async ({ query, context }) => {
        const { rows, isAll } = await seenRows(context.get('caller'), query.after, async (after) => {
          const found = await queries.topics({
            ...query,
            ...(after !== undefined && { after }),
            bytes: PAGE_BYTES,
          })
          return { rows: found.topics, isAll: found.isAll }
        })
        return page(context, rows.map(topicJson), isAll ? null : { after: rows.at(-1)!.topic })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/topics/{topic+}',
        summary: 'Show one topic with its last message',
        about: 'The levels of the topic stand in the path as they are: `/api/topics/house/kitchen`.',
        needs: 'read',
        params: { topic: z.string() },
        answers: { 200: { says: 'The topic.', schema: topic }, 404: 'Nothing was ever published on it.' },
      },
      async ({ params, context }) => {
        const isName = !/[+#]/.test(params.topic) && maySee(context.get('caller'), params.topic)
        const found = isName ? await queries.topics({ filter: params.topic, limit: 1 }) : undefined
        const status = found?.topics[0]
        if (status !== undefined) return topicJson(status)
        throw new HTTPException(404, { message: `Nothing was published on ${JSON.stringify(params.topic)}.` })
      },
    ),
  ],
})

const topicJson = ({ last, ...rest }: TopicStatus) => ({ ...rest, last: last && eventJson(last) })
