// `POST /in/<name>`: takes what a service delivers that only speaks HTTP (a webhook of GitHub, Grafana, Jenkins), and
// publishes it as a message. It is answered when the message is committed, and nothing else is done before: services
// wait for seconds, and some never ask again.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { messageOf } from '../../base/printable.ts'
import type { Publication } from '../../model/event.ts'
import type { Intake, Intakes } from '../../model/intake.ts'
import type { Queries } from '../../model/queries.ts'
import type { SecretText } from '../../model/secret.ts'
import { filterOf, textOf, topicOf } from '../../topics/template.ts'
import { boundedBytes } from '../body.ts'
import { refuseDenied } from '../callers/admit.ts'
import type { PublishRights } from '../callers/admit.ts'
import { traceOfRequest } from '../params.ts'
import { Reply, route } from '../route.ts'
import type { HttpContext, Resource } from '../route.ts'
import { Deliveries, DELIVERY_PROPERTY, INTAKE_PROPERTY } from './deliveries.ts'
import { isSigned, isToken } from './proof.ts'
import { bodyAsPayload, valuesOf } from './values.ts'

export interface IntakePorts {
  /** None by default. */
  readonly intakes?: Intakes
  /** Resolves with the number of the event when it is committed; 0 when the journal does not take it. */
  publish(this: void, publication: Publication): Promise<number>
  readonly queries: Remote<Pick<Queries, 'historyPage'>>
  /** Reads the values of secrets; throws with a sentence when one is not set. */
  readonly reveal: (text: SecretText) => string
  /** The largest packet of a client, in bytes. */
  readonly packetBytes: number
}

export interface OpenIntakes {
  /** Whether who delivers to this intake proves who he is, so that he may come from anywhere. */
  isProven(name: string): boolean
  /** @param refuse throws when the caller may not publish on the topic */
  take(name: string, context: HttpContext, refuse?: (topic: string) => void): Promise<Reply>
}

/** What the user property of a delivery may hold. */
const LONGEST_DELIVERY = 1_000

export function openIntakes({
  intakes = {},
  publish,
  queries,
  reveal,
  packetBytes,
}: IntakePorts): OpenIntakes {
  const deliveries = new Map(
    Object.entries(intakes).map(([name, { topic }]) => [
      name,
      new Deliveries(name, filterOf(topic), queries),
    ]),
  )
  return {
    isProven(name) {
      const intake = intakeNamed(name)
      return intake !== undefined && (intake.signature !== null || intake.token !== null)
    },
    async take(name, context, refuse) {
      const [intake, known] = [intakeNamed(name), deliveries.get(name)]
      if (intake === undefined || known === undefined)
        throw new HTTPException(404, { message: `The configuration has no intake ${JSON.stringify(name)}.` })
      const body = await boundedBytes(context.req.raw.body, packetBytes)
      refuseUnproven(intake, body, context, reveal)

      const contentType = context.req.header('content-type')
      const payload = bodyAsPayload(body, contentType)
      const valueAt = valuesOf(payload, (header) => context.req.header(header))
      const topic = topicOf(intake.topic, valueAt)
      refuse?.(topic)
      const delivery = intake.delivery === null ? null : textOf(intake.delivery, valueAt)
      const publication = (): Promise<number> =>
        publish({
          topic,
          payload,
          qos: 1,
          retain: false,
          origin: 'http',
          cause: null,
          properties: {
            ...(payload === body && contentType !== undefined && { contentType }),
            userProperties: [
              [INTAKE_PROPERTY, name],
              ...(delivery === null ? [] : [[DELIVERY_PROPERTY, delivery] as const]),
              ...traceOfRequest(context.req),
            ],
          },
        })
      if (delivery === null || delivery.length > LONGEST_DELIVERY)
        return new Reply(202, { topic, event: (await publication()) || null, isRepeated: false })
      const { event, isRepeated } = await known.once(delivery, publication)
      return new Reply(isRepeated ? 200 : 202, { topic, event: event || null, isRepeated })
    },
  }

  function intakeNamed(name: string): Intake | undefined {
    return Object.hasOwn(intakes, name) ? intakes[name] : undefined
  }
}

function refuseUnproven(
  { signature, token }: Intake,
  body: Buffer,
  { req }: HttpContext,
  reveal: IntakePorts['reveal'],
): void {
  if (signature !== null && !isSigned(body, revealed(signature.secret, reveal), req.header(signature.header)))
    throw new HTTPException(401, {
      message: `The header ${signature.header} does not hold the signature of this body; is the secret the same on both sides?`,
    })
  if (token === null) return
  const bearer = /^Bearer +(\S+)$/i.exec(req.header('authorization') ?? '')?.[1]
  if (!isToken(bearer ?? req.header('x-gitlab-token') ?? req.query('token'), revealed(token, reveal)))
    throw new HTTPException(401, {
      message: 'The token is missing or wrong; send Authorization: Bearer TOKEN.',
    })
}

/** The service tries again later; meanwhile the operator reads the sentence. */
function revealed(text: SecretText, reveal: IntakePorts['reveal']): string {
  try {
    return reveal(text)
  } catch (error) {
    throw new HTTPException(503, { message: messageOf(error) })
  }
}

const taken = z.object({
  topic: z.string(),
  event: z.int().nullable().describe('`null`: neither the history nor a rule wants it.'),
  isRepeated: z.boolean().describe('It had come before; nothing was published again.'),
})

/** @param intakes those that are open */
export const intakeRoutes = (intakes: OpenIntakes, rights: PublishRights): Resource => ({
  name: 'Intake',
  about: 'What services deliver that only speak HTTP: see [intake](intake.md).',
  routes: [
    route(
      {
        method: 'POST',
        path: '/in/{name}',
        summary: 'Deliver to an intake of the configuration',
        about:
          'A service that signs what it delivers, or sends the token of the intake, may come from any machine and under ' +
          'any name of the hub. Other intakes are for this machine, and for users and tokens that may publish there.',
        needs: 'publish',
        params: { name: z.string() },
        query: { token: z.string().optional().describe('The token, where no header can be set.') },
        raw: { says: 'What is delivered.', type: '*/*' },
        answers: {
          200: { says: 'It had come before.', schema: taken },
          202: { says: 'It is committed.', schema: taken },
          401: 'The signature or the token is wrong.',
          404: 'There is no such intake.',
          413: 'It is larger than `limits.packetSize`.',
          503: 'The secret of the intake is not set.',
        },
      },
      ({ params: { name }, context }) =>
        intakes.take(name, context, (topic) => {
          if (!context.get('caller').mayCommandAll) refuseDenied(rights, context, topic)
        }),
    ),
  ],
})
