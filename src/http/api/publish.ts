// Publishes a message for whoever speaks HTTP and not MQTT. The answer comes when the message is committed; it
// may wait for what the rules make of it: the asynchronous hook for a synchronous server.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/printable.ts'
import { formatDuration, parseDuration } from '../../base/quantities.ts'
import type { Publication } from '../../model/event.ts'
import { JsonText } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Consequences, Queries } from '../../model/queries.ts'
import { namesTrace } from '../../model/trace.ts'
import type { UserProperty } from '../../mqtt/properties.ts'
import { topicNameProblem } from '../../topics/names.ts'
import { boundedBytes } from '../body.ts'
import { refuseDenied } from '../callers/admit.ts'
import type { PublishRights } from '../callers/admit.ts'
import { CommitWatch } from '../commit-watch.ts'
import type { OnCommit } from '../commit-watch.ts'
import { flag } from '../params.ts'
import { traceOfRequest } from '../params.ts'
import { Reply, route } from '../route.ts'
import type { HttpContext, Resource } from '../route.ts'
import { run, step } from './nouns.ts'

export interface PublishPorts extends PublishRights {
  /** Resolves with the number of the event when it is committed; 0 when the journal does not take it. */
  publish(this: void, publication: Publication): Promise<number>
  readonly queries: Remote<Pick<Queries, 'consequences'>>
  readonly onCommit: OnCommit
  readonly clock: Pick<Clock, 'after' | 'steady'>
  /** First level of the hub's own topics. */
  readonly root: string
  /** The largest packet of a client, in bytes. */
  readonly packetBytes: number
}

const LONGEST_WAIT_MS = 5 * 60_000
const GAP_MS = 10

const duration = (most: number) =>
  z.string().transform((text, context) => {
    try {
      const lengthMs = parseDuration(text)
      if (lengthMs > 0 && lengthMs <= most) return lengthMs
      context.addIssue({ code: 'custom', message: `must be between 1ms and ${formatDuration(most)}` })
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) })
    }
    return z.NEVER
  })

/** The longest expiry that MQTT knows: four bytes of seconds. */
const LONGEST_EXPIRY_MS = (2 ** 32 - 1) * 1_000

const pair = z.string().regex(/^[^=]+=/)
const query = {
  qos: z
    .enum(['0', '1', '2'])
    .default('1')
    .transform((text) => Number(text) as 0 | 1 | 2),
  retain: flag.describe('Retain the message; an empty body then clears what is retained.'),
  expiry: duration(LONGEST_EXPIRY_MS)
    .optional()
    .describe('How long it is delivered: `90s`, `2h`. Rounded up to seconds.'),
  'content-type': z
    .string()
    .optional()
    .describe('Its content type; by default that of the request, unless that is the one of a form.'),
  'response-topic': z.string().optional().describe('Where an answer is to be published.'),
  correlation: z.string().optional().describe('Text that an answer is to carry.'),
  'user-property': z
    .union([pair.transform((text) => [text]), z.array(pair)], { error: 'must be NAME=VALUE' })
    .default([])
    .describe('A user property `NAME=VALUE`; it may be given more than once.'),
  wait: duration(LONGEST_WAIT_MS)
    .optional()
    .describe('Wait this long for the runs that the message causes: `30s`. At most 5m.'),
}

const published = z.object({
  topic: z.string(),
  event: z.int().nullable().describe('`null`: QoS 0, and neither the history nor a rule wants it.'),
})
const waited = published.extend({
  runs: z.array(run.extend({ steps: z.array(step) })).describe('What the rules did because of it.'),
})

export const publishRoutes = (ports: PublishPorts): Resource => ({
  name: 'Publish',
  about: 'Publishes as an MQTT client does.',
  routes: [
    route(
      {
        method: 'POST',
        path: '/publish/{topic+}',
        summary: 'Publish a message',
        about:
          'The body is the payload. The levels of the topic stand in the path as they are. With `wait`, the answer ' +
          'comes when all runs have ended that the rules made of the message at once. If the caller goes away, or ' +
          'the hub is started anew, the runs go on: `GET /api/events/ID` shows them. Each parameter but `wait` may ' +
          'be given as a header as well: `X-MQTT-Retain: true`. The headers `traceparent` and `tracestate` become user ' +
          'properties.',
        needs: 'publish',
        params: { topic: z.string() },
        query,
        headers: 'x-mqtt-',
        raw: { says: 'The payload.', type: '*/*' },
        answers: {
          200: { says: 'With `wait`: all runs have ended.', schema: waited },
          202: { says: 'The message is committed.', schema: published },
          403: 'Only the hub publishes there, or the permissions do not let the caller.',
          413: 'The message is larger than `limits.packetSize`.',
          504: {
            says: 'The time is over, and runs go on.',
            schema: waited.extend({ error: z.string() }),
          },
        },
      },
      async ({ params: { topic }, query: asked, context }) => {
        refuseTopic(topic, ports.root)
        refuseDenied(ports, context, topic, asked['response-topic'])
        const payload = await boundedBytes(context.req.raw.body, ports.packetBytes)
        const publication: Publication = {
          topic,
          payload,
          qos: asked.qos,
          retain: asked.retain,
          origin: 'http',
          cause: null,
          properties: propertiesOf(asked, context),
        }
        const waitMs = asked.wait
        if (waitMs === undefined)
          return new Reply(202, { topic, event: (await ports.publish(publication)) || null })
        return publishAndWait(publication, waitMs, context.req.raw.signal, ports)
      },
    ),
  ],
})

/** Refuses a topic that is for nobody who speaks HTTP, whatever the permissions say. */
function refuseTopic(topic: string, root: string): void {
  const problem = topicNameProblem(topic)
  if (problem !== undefined) throw new HTTPException(400, { message: problem })
  const [first, second] = topic.split('/', 2)
  if (first === '$SYS' || first === '$share' || (first === root && second !== 'commands'))
    throw new HTTPException(403, { message: `Only the hub publishes under ${first}/….` })
}

/** What curl and forms say when nobody has said anything. */
const FORM = 'application/x-www-form-urlencoded'

interface AskedProperties {
  readonly expiry?: number | undefined
  readonly 'content-type'?: string | undefined
  readonly 'response-topic'?: string | undefined
  readonly correlation?: string | undefined
  readonly 'user-property': readonly string[]
}

function propertiesOf(asked: AskedProperties, { req }: HttpContext): JsonObject {
  const ofRequest = req.header('content-type')
  const contentType = asked['content-type'] ?? (ofRequest?.startsWith(FORM) === true ? undefined : ofRequest)
  const responseTopic = asked['response-topic']
  const pairs = asked['user-property'].map((text): UserProperty => {
    const at = text.indexOf('=')
    return [text.slice(0, at), text.slice(at + 1)]
  })
  if (!namesTrace(pairs.map(([name]) => name))) pairs.push(...traceOfRequest(req))
  if (responseTopic !== undefined) {
    const problem = topicNameProblem(responseTopic)
    if (problem !== undefined) throw new HTTPException(400, { message: problem })
  }
  return {
    ...(asked.expiry !== undefined && { messageExpiryInterval: Math.ceil(asked.expiry / 1_000) }),
    ...(contentType !== undefined && contentType !== '' && { contentType }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(asked.correlation !== undefined && {
      correlationData: Buffer.from(asked.correlation).toString('base64'),
    }),
    ...(pairs.length > 0 && { userProperties: pairs }),
  }
}

/** The watch listens before the message is published, so that no commit is missed. */
async function publishAndWait(
  publication: Publication,
  waitMs: number,
  gone: AbortSignal,
  { publish, queries, onCommit, clock }: PublishPorts,
): Promise<Reply> {
  const { topic } = publication
  const watch = new CommitWatch({ onCommit, clock, gapMs: GAP_MS })
  const stop = (): void => watch.stop()
  gone.addEventListener('abort', stop)
  try {
    const end = clock.steady() + waitMs
    const event = await publish(publication)
    if (event === 0) return new Reply(200, { topic, event: null, runs: [] })
    let known: Consequences = { isEvaluated: false, runs: [] }
    for (let leftMs = waitMs; leftMs > 0 && !watch.stopped; leftMs = end - clock.steady()) {
      known = await queries.consequences(event)
      if (known.isEvaluated && known.runs.every(({ run: { endedAt } }) => endedAt !== null))
        return new Reply(200, { topic, event, runs: runsJson(known) })
      await watch.next(leftMs)
    }
    const error = known.isEvaluated
      ? `After ${formatDuration(waitMs)} some runs have not ended; GET /api/events/${event} shows them.`
      : `After ${formatDuration(waitMs)} the rules have not taken event ${event} yet; they will.`
    return new Reply(504, { error, topic, event, runs: runsJson(known) })
  } finally {
    gone.removeEventListener('abort', stop)
    watch.stop()
  }
}

const runsJson = ({ runs }: Consequences) =>
  runs.map(({ run: head, steps }) => ({ ...head, steps: new JsonText(JSON.stringify(steps)) }))
