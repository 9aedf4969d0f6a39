// What a job says of itself by an HTTP request, for whoever has curl and no MQTT client: cron, a Makefile, a
// build server on this machine. `GET` or `POST /task/<name>/<verb>` publishes `tasks/<name>/<verb>` with the
// body as its payload, and is answered when that is committed.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { Tail } from '../../base/tail.ts'
import type { Publication } from '../../model/event.ts'
import { isTaskVerb, TASK_VERBS, taskNameProblem, taskTopic } from '../../model/task.ts'
import { refuseDenied } from '../callers/admit.ts'
import type { PublishRights } from '../callers/admit.ts'
import { traceOfRequest } from '../params.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'

export interface TaskPorts extends PublishRights {
  /** Resolves with the number of the event when it is committed. */
  publish(this: void, publication: Publication): Promise<number>
}

/** Bytes of a body that are kept, from its end: it is the output of a job, of any length. */
const BODY_BYTES = 8_192

export const taskRoutes = ({ publish, mayPublish }: TaskPorts): Resource => ({
  name: 'Tasks',
  about: 'What jobs say of themselves: see [long tasks](tasks.md).',
  routes: (['GET', 'POST'] as const).map((method) =>
    route(
      {
        method,
        path: '/task/{name}/{verb}',
        summary: 'Publish what a job says of itself',
        about:
          `Publishes \`tasks/NAME/VERB\` with the body as payload. The verbs are ${TASK_VERBS.join(', ')}. ` +
          'No browser may ask, unless a page of the hub itself makes it.',
        needs: 'publish',
        params: { name: z.string(), verb: z.string() },
        ...(method === 'POST' && { raw: { says: 'Output of the job.', type: '*/*' } }),
        answers: {
          200: {
            says: 'It is committed.',
            schema: z.object({ topic: z.string(), event: z.int() }),
          },
          403: 'The permissions do not let the caller publish there.',
          404: 'There is no such verb.',
        },
      },
      async ({ params: { name, verb }, context }) => {
        const problem = taskNameProblem(name)
        if (problem !== undefined) throw new HTTPException(400, { message: `${problem}.` })
        if (!isTaskVerb(verb))
          throw new HTTPException(404, {
            message: `A task says ${TASK_VERBS.join(', ')}, not ${JSON.stringify(verb)}.`,
          })
        const topic = taskTopic(name, verb)
        refuseDenied({ mayPublish }, context, topic)
        const payload = await endOf(context.req.raw.body)
        const trace = traceOfRequest(context.req)
        const event = await publish({
          topic,
          payload,
          qos: 1,
          retain: false,
          origin: 'http',
          cause: null,
          ...(trace.length > 0 && { properties: { userProperties: trace } }),
        })
        return { topic, event }
      },
    ),
  ),
})

async function endOf(body: ReadableStream<Uint8Array> | null): Promise<Buffer> {
  const tail = new Tail(BODY_BYTES)
  if (body !== null) for await (const chunk of body) tail.push(Buffer.from(chunk))
  return tail.read().bytes
}
