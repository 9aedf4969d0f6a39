// Clients by their retained presence, a page at a time, with what the broker has for each at this moment.

import type { Remote } from '../../base/calls.ts'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ClientSession, ClientStatus } from '../../model/client.ts'
import { jsonIn } from '../../model/hub-message.ts'
import type { Queries } from '../../model/queries.ts'
import type { RetainedMessage } from '../../model/store.ts'
import { topicLevel } from '../../topics/escape.ts'
import { answer } from '../answer.ts'
import { clientsQuery } from '../params.ts'

export interface ClientsOptions {
  readonly queries: Pick<Remote<Omit<Queries, 'close'>>, 'retained'>
  /** First level of the hub's own topics. */
  readonly root: string
  /** The session of a client; `undefined` when it has none. */
  readonly sessionOf: (client: string) => ClientSession | undefined
}

export function clientRoutes({ queries, root, sessionOf }: ClientsOptions): Hono {
  const app = new Hono()
  const topicOf = (client: string): string => `${root}/clients/${topicLevel(client)}`

  function statusOf({ payload }: RetainedMessage): ClientStatus[] {
    const presence = jsonIn(payload) as Partial<ClientStatus> | null | undefined
    // A rule may have published there what it likes.
    if (typeof presence?.client !== 'string' || typeof presence.since !== 'number') return []
    const session = sessionOf(presence.client) ?? null
    const publishedAt = session?.publishedAt ?? presence.publishedAt ?? null
    return [{ ...(presence as ClientStatus), publishedAt, session }]
  }

  app.get('/api/clients', async (context) => {
    const { after, limit } = clientsQuery(context.req.query())
    const filter = `${root}/clients/+`
    const page = { filter, hiddenRoot: null, limit, ...(after !== undefined && { after: topicOf(after) }) }
    const messages = await queries.retained(page)
    return answer(
      context,
      messages.flatMap((message) => statusOf(message)),
    )
  })

  app.get('/api/clients/:id', async (context) => {
    const client = context.req.param('id')
    const [message] = await queries.retained({ filter: topicOf(client), hiddenRoot: null, limit: 1 })
    const [status] = message ? statusOf(message) : []
    if (status === undefined)
      throw new HTTPException(404, { message: `The hub knows of no client ${JSON.stringify(client)}.` })
    return answer(context, status)
  })
  return app
}
