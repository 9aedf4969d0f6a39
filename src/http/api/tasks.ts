// What a job says of itself by an HTTP request, for whoever has curl and no MQTT client: cron, a Makefile, a
// build server on this machine. `GET` or `POST /task/<name>/<verb>` publishes `tasks/<name>/<verb>` with the
// body as its payload, and is answered when that is committed.

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { Tail } from '../../base/tail.ts'
import type { Publication } from '../../model/event.ts'
import { isTaskVerb, TASK_VERBS, taskNameProblem, taskTopic } from '../../model/task.ts'
import { answer } from '../answer.ts'
import { refuseBrowsers, refuseOtherMachines } from '../callers.ts'

export interface TaskPorts {
  /** Resolves with the number of the event when it is committed. */
  publish(this: void, publication: Publication): Promise<number>
}

/** Bytes of a body that are kept, from its end: it is the output of a job, of any length. */
const BODY_BYTES = 8_192

export function taskRoutes({ publish }: TaskPorts): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.on(['GET', 'POST'], '/task/:name/:verb', async (context) => {
    refuseOtherMachines(context)
    refuseBrowsers(context)
    const { name, verb } = context.req.param()
    const problem = taskNameProblem(name)
    if (problem !== undefined) throw new HTTPException(400, { message: `${problem}.` })
    if (!isTaskVerb(verb))
      throw new HTTPException(404, {
        message: `A task says ${TASK_VERBS.join(', ')}, not ${JSON.stringify(verb)}.`,
      })
    const topic = taskTopic(name, verb)
    const payload = await endOf(context.req.raw.body)
    const event = await publish({ topic, payload, qos: 1, retain: false, origin: 'http', cause: null })
    return answer(context, { topic, event })
  })
  return app
}

async function endOf(body: ReadableStream<Uint8Array> | null): Promise<Buffer> {
  const tail = new Tail(BODY_BYTES)
  if (body !== null) for await (const chunk of body) tail.push(Buffer.from(chunk))
  return tail.read().bytes
}
