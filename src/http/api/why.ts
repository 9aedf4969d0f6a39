// Why: what led to an event or a run, and what followed from it, as a tree.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import type { Queries } from '../../model/queries.ts'
import { type StorySubject, storyJson } from '../../model/story.ts'
import { type HttpCaller, refuseUnseenStory } from '../caller.ts'
import { id } from '../params.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'

type WhyQueries = Remote<Pick<Queries, 'story'>>

const node = z
  .looseObject({
    kind: z.enum(['event', 'run']),
    id: z.int(),
    subject: z.literal(true).optional().describe('It is what was asked about.'),
    omitted: z.int().optional().describe('How many children are left out, because there are too many.'),
    get children() {
      return z.array(node)
    },
  })
  .meta({ id: 'StoryNode' })

const story = node.extend({
  lostCause: z.int().optional().describe('The event before the first one, which the history no longer has.'),
})

export function whyRoutes(queries: WhyQueries): Resource {
  const why = async (kind: StorySubject['kind'], number: number, caller: HttpCaller) => {
    const found = await queries.story({ kind, id: number })
    if (found) {
      refuseUnseenStory(caller, found)
      return storyJson(found)
    }
    throw new HTTPException(404, {
      message:
        kind === 'event' ? `There is no event ${number} in the history.` : `There is no run ${number}.`,
    })
  }
  const about =
    'What `vigie why` prints: the way from the first cause down, then all that followed. An event has `skips`, the ' +
    'rules that said no; a run has its `steps`, and the `attempts` of those that were tried more than once.'
  const answers = {
    200: { says: 'The first event or run of the tree.', schema: story },
    404: 'It is not known.',
  }
  return {
    name: 'Why',
    about: 'How one thing led to another.',
    routes: [
      route(
        {
          method: 'GET',
          path: '/api/events/{id}/why',
          summary: 'Tell what led to an event, and what followed',
          about,
          needs: 'read',
          looksAt: 'runs',
          params: { id },
          answers,
        },
        ({ params, context }) => why('event', params.id, context.get('caller')),
      ),
      route(
        {
          method: 'GET',
          path: '/api/runs/{id}/why',
          summary: 'Tell what led to a run, and what followed',
          about,
          needs: 'read',
          looksAt: 'runs',
          params: { id },
          answers,
        },
        ({ params, context }) => why('run', params.id, context.get('caller')),
      ),
    ],
  }
}
