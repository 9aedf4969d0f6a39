// The routes of the HTTP API: health, status, and read-only questions about history and runs, which the
// reader thread answers. Nothing here blocks the network thread. Requests that change something are in
// changes.ts, tasks.ts and alert-links.ts.

import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Remote } from '../base/calls.ts'
import type { Log } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'
import { eventJson, retainedJson } from '../model/event-json.ts'
import type { Health } from '../model/health.ts'
import type { HubStatus } from '../model/hub-status.ts'
import { JsonText } from '../model/json.ts'
import type { Queries } from '../model/queries.ts'
import type { WatchedProcesses } from '../model/watch.ts'
import { alertLinkRoutes } from './links/alert-links.ts'
import type { AlertLinkPorts } from './links/alert-links.ts'
import { answer } from './answer.ts'
import { changeRoutes } from './api/changes.ts'
import { clientRoutes } from './api/clients.ts'
import type { ClientsOptions } from './api/clients.ts'
import type { Changes } from './api/changes.ts'
import { taskRoutes } from './api/tasks.ts'
import type { TaskPorts } from './api/tasks.ts'
import { pageRoutes } from './page.ts'
import { historyQuery, readId, retainedCountQuery, retainedQuery, runsQuery } from './params.ts'

/**
 * The largest sum of payloads on one page, in bytes. The page is written as JSON on the network thread, which
 * must not be held up.
 */
const PAGE_BYTES = 4 * 2 ** 20

export interface RouteOptions {
  readonly queries: Remote<Omit<Queries, 'close'>>
  /** See `RetainedQuery`. */
  readonly hiddenRoot: string | null
  /** Returns the status of the hub, except what is in its store. */
  readonly status: () => Promise<Omit<HubStatus, 'store'>>
  /** Returns what the watches look at; `null` when no engine answers. */
  readonly processes: () => Promise<WatchedProcesses | null>
  /** Returns whether the hub keeps its promise at this moment. */
  readonly health: () => Health
  readonly changes: Changes
  readonly clients: Omit<ClientsOptions, 'queries'>
  readonly tasks: TaskPorts
  /** Absent: notifications have no links. */
  readonly alertLinks?: AlertLinkPorts
  readonly log: Log
}

export function routes({
  queries,
  hiddenRoot,
  status,
  processes,
  health,
  changes,
  clients,
  tasks,
  alertLinks,
  log,
}: RouteOptions): Hono {
  const app = new Hono()

  // Ahead of what refuses strangers: who holds a signed link may come from anywhere.
  if (alertLinks) app.route('/', alertLinkRoutes(alertLinks))

  // Refuses a web page that makes a browser talk to the hub under a name of its own (DNS rebinding).
  app.use(async (context, next) => {
    const { hostname } = new URL(context.req.url)
    if (!isAddress(hostname))
      throw new HTTPException(403, { message: `The hub is not called ${hostname}; use its address.` })
    await next()
  })

  app.get('/healthz', (context) => {
    const now = health()
    return context.json(now, now.ok ? 200 : 503)
  })

  app.get('/api/status', async (context) => {
    const [hub, store] = await Promise.all([status(), queries.totals()])
    return answer(context, { ...hub, store } satisfies HubStatus)
  })

  app.get('/api/processes', async (context) => {
    const seen = await processes()
    if (seen === null) throw new HTTPException(503, { message: 'No engine answers; try again in a moment.' })
    return answer(context, seen)
  })

  app.get('/api/events', async (context) => {
    const events = await queries.history({ ...historyQuery(context.req.query()), bytes: PAGE_BYTES })
    return answer(
      context,
      events.map((event) => eventJson(event)),
    )
  })

  app.get('/api/events/:id', async (context) => {
    const id = readId(context.req.param('id'))
    const event = await queries.event(id)
    if (!event) throw new HTTPException(404, { message: `There is no event ${id} in the history.` })
    const [verdicts, runs] = await Promise.all([queries.verdictsOf(id), queries.runsOf(id)])
    return answer(context, { ...eventJson(event), verdicts, runs })
  })

  app.get('/api/retained', async (context) => {
    const query = { ...retainedQuery(context.req.query()), hiddenRoot, bytes: PAGE_BYTES }
    const messages = await queries.retained(query)
    return answer(
      context,
      messages.map((message) => retainedJson(message)),
    )
  })

  app.get('/api/retained/count', async (context) =>
    answer(context, await queries.countRetained({ ...retainedCountQuery(context.req.query()), hiddenRoot })),
  )

  app.get('/api/runs', async (context) => answer(context, await queries.runs(runsQuery(context.req.query()))))

  app.get('/api/runs/:id', async (context) => {
    const id = readId(context.req.param('id'))
    const found = await queries.run(id)
    if (!found) throw new HTTPException(404, { message: `There is no run ${id}.` })
    return answer(context, { ...found.run, steps: new JsonText(JSON.stringify(found.steps)) })
  })

  app.route('/', clientRoutes({ queries, ...clients }))
  app.route('/', changeRoutes(changes))
  app.route('/', taskRoutes(tasks))

  // Last, because the paths of views are whatever nothing else answers.
  app.route('/', pageRoutes())

  app.notFound((context) => answer(context, { error: `There is nothing at ${context.req.path}.` }, 404))
  app.onError((error, context) => {
    if (error instanceof HTTPException) return answer(context, { error: error.message }, error.status)
    log.error({ err: error }, `${context.req.method} ${context.req.path} failed: ${messageOf(error)}`)
    return answer(context, { error: 'The hub could not answer; its log says why.' }, 500)
  })
  return app
}

const isAddress = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  /^(?:\d+\.){3}\d+$/.test(hostname) ||
  hostname.startsWith('[')
