// Clients by their retained presence, a page at a time, with what the broker has for each at this moment.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { PRESENCE_STATES, type ClientSession, type ClientStatus } from '../../model/client.ts'
import { jsonIn } from '../../model/hub-message.ts'
import type { Queries } from '../../model/queries.ts'
import type { RetainedMessage } from '../../model/store.ts'
import { topicLevel } from '../../topics/escape.ts'
import { signed } from '../caller.ts'
import { before, limit, PAGE_BYTES, since, until } from '../params.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'
import { at } from './nouns.ts'

export interface ClientPorts {
  readonly queries: Remote<Pick<Queries, 'retained' | 'history'>>
  /** First level of the hub's own topics. */
  readonly root: string
  /** The session of a client; `undefined` when it has none. */
  readonly sessionOf: (client: string) => ClientSession | undefined
  /** Ends the connection of a client; resolves with the event that says so, `undefined` if it had none. */
  kick(this: void, client: string, by: string): Promise<number | undefined>
}

const session = z.object({
  publishedAt: at.nullable(),
  subscriptions: z.array(z.object({ filter: z.string(), qos: z.int() })),
  queued: z.int().describe('Messages that wait for the client.'),
  expirySeconds: z.number().nullable().describe('`null`: the session never ends.'),
})
const client = z
  .looseObject({
    client: z.string(),
    state: z.enum(PRESENCE_STATES),
    reason: z.string().nullable().describe('How it went; `null` while it is there.'),
    since: at,
    address: z.string(),
    user: z.string().nullable(),
    protocol: z.string(),
    publishedAt: at.nullable().describe('When it last published.'),
    session: session.nullable(),
  })
  .meta({ id: 'Client' })

const change = z.object({
  event: z.int(),
  at,
  state: z.enum(PRESENCE_STATES),
  reason: z.string().nullable().describe('How it went; `null` when it came.'),
})

/** A client that is lost is offline, too. */
const isIn = ({ state }: ClientStatus, wanted: string): boolean =>
  state === wanted || (state === 'lost' && wanted === 'offline')

/** Presence rows that are read at one time to fill a page. */
const ROWS = 500

export function clientRoutes({ queries, root, sessionOf, kick }: ClientPorts): Resource {
  const topicOf = (id: string): string => `${root}/clients/${topicLevel(id)}`
  const filter = `${root}/clients/+`

  function statusOf({ payload }: RetainedMessage): ClientStatus | undefined {
    const presence = jsonIn(payload) as Partial<ClientStatus> | null | undefined
    // A rule may have published there what it likes.
    if (typeof presence?.client !== 'string' || typeof presence.since !== 'number') return undefined
    const found = sessionOf(presence.client) ?? null
    const publishedAt = found?.publishedAt ?? presence.publishedAt ?? null
    return { ...(presence as ClientStatus), publishedAt, session: found }
  }

  /** Reads on past what is not asked for, so that a page that is not full is the last one. */
  async function page(after: string | undefined, most: number, state: string | undefined) {
    const found: ClientStatus[] = []
    let last = after === undefined ? undefined : topicOf(after)
    while (true) {
      const rows = await queries.retained({
        filter,
        hiddenRoot: null,
        limit: ROWS,
        ...(last !== undefined && { after: last }),
      })
      for (const row of rows) {
        const status = statusOf(row)
        if (status === undefined || (state !== undefined && !isIn(status, state))) continue
        found.push(status)
        if (found.length === most) return found
      }
      if (rows.length < ROWS) return found
      last = rows.at(-1)!.topic
    }
  }

  return {
    name: 'Clients',
    about: 'MQTT clients, by their presence.',
    routes: [
      route(
        {
          method: 'GET',
          path: '/api/clients',
          summary: 'List clients',
          about: 'A page with fewer clients than `limit` is the last one.',
          needs: 'read',
          looksAt: 'clients',
          query: {
            after: z.string().optional().describe('A client id: the last one of the page before.'),
            state: z
              .enum(PRESENCE_STATES)
              .optional()
              .describe('Only those; `offline` also lists who is `lost`.'),
            limit,
          },
          answers: { 200: { says: 'The clients.', schema: z.array(client) } },
        },
        ({ query }) => page(query.after, query.limit, query.state),
      ),
      route(
        {
          method: 'GET',
          path: '/api/clients/{id}',
          summary: 'Show one client',
          needs: 'read',
          looksAt: 'clients',
          params: { id: z.string() },
          answers: { 200: { says: 'The client.', schema: client }, 404: 'The hub knows no such client.' },
        },
        async ({ params: { id } }) => {
          const [message] = await queries.retained({ filter: topicOf(id), hiddenRoot: null, limit: 1 })
          const status = message && statusOf(message)
          if (status !== undefined) return status
          throw new HTTPException(404, { message: `The hub knows of no client ${JSON.stringify(id)}.` })
        },
      ),
      route(
        {
          method: 'GET',
          path: '/api/clients/{id}/timeline',
          summary: 'Tell when a client came and went',
          about: 'From what the history has of its presence, the newest first.',
          needs: 'read',
          looksAt: 'clients',
          params: { id: z.string() },
          query: { since, until, before, limit },
          answers: { 200: { says: 'The changes.', schema: z.array(change) } },
        },
        async ({ params, query }) => {
          const events = await queries.history({ ...query, filter: topicOf(params.id), bytes: PAGE_BYTES })
          return events.flatMap(({ id: event, at: moment, payload }) => {
            const { state, reason = null } = (jsonIn(payload) ?? {}) as Partial<ClientStatus>
            // A cleared presence says nothing, and neither does what a rule has published there.
            if (state === undefined || !PRESENCE_STATES.includes(state)) return []
            return [{ event, at: moment, state, reason: typeof reason === 'string' ? reason : null }]
          })
        },
      ),
      route(
        {
          method: 'POST',
          path: '/api/clients/{id}/kick',
          summary: 'Disconnect a client',
          needs: 'act',
          params: { id: z.string() },
          body: z.looseObject({ by: z.string().optional().describe('Who says so.') }),
          answers: {
            200: { says: 'The event that tells of it.', schema: z.object({ event: z.int() }) },
            404: 'The client is not connected.',
          },
        },
        async ({ params: { id }, body, context }) => {
          const event = await kick(id, signed(context.get('caller'), body).by ?? '')
          if (event !== undefined) return { event }
          throw new HTTPException(404, { message: `The client ${JSON.stringify(id)} is not connected.` })
        },
      ),
    ],
  }
}
