// All that the hub answers over HTTP, and what holds for each request. Nothing here blocks the network thread:
// questions about the store go to the reader thread.

import { Hono } from 'hono'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Remote } from '../base/calls.ts'
import { systemClock } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { messageOf, printable } from '../base/printable.ts'
import { version } from '../base/version.ts'
import type { Queries } from '../model/queries.ts'
import { alertRoutes } from './api/alerts.ts'
import type { AlertPorts } from './api/alerts.ts'
import { clientRoutes } from './api/clients.ts'
import type { ClientPorts } from './api/clients.ts'
import { commandRoutes } from './api/commands.ts'
import type { Command } from './api/commands.ts'
import { eventRoutes } from './api/events.ts'
import { explainRoutes } from './api/explain.ts'
import type { ExplainRoutePorts } from './api/explain.ts'
import { pingRoutes } from './api/pings.ts'
import type { PingPorts } from './api/pings.ts'
import { pushRoutes } from './api/push.ts'
import type { PushPorts } from './api/push.ts'
import { questionRoutes } from './api/questions.ts'
import { publishRoutes } from './api/publish.ts'
import type { PublishPorts } from './api/publish.ts'
import { retainedRoutes } from './api/retained.ts'
import type { RetainedPorts } from './api/retained.ts'
import { ruleRoutes } from './api/rules.ts'
import type { RulePorts } from './api/rules.ts'
import { sessionRoutes } from './api/session.ts'
import { runRoutes } from './api/runs.ts'
import type { RunPorts } from './api/runs.ts'
import { statusRoutes } from './api/status.ts'
import type { StatusPorts } from './api/status.ts'
import { taskRoutes } from './api/tasks.ts'
import type { TaskPorts } from './api/tasks.ts'
import { topicRoutes } from './api/topics.ts'
import { verdictRoutes } from './api/verdicts.ts'
import { whyRoutes } from './api/why.ts'
import { answer } from './answer.ts'
import { admitBy } from './callers/admit.ts'
import type { PublishRights } from './callers/admit.ts'
import { Callers, LoginNeeded } from './callers/callers.ts'
import type { CallerPorts } from './callers/callers.ts'
import { descriptionRoutes } from './description.ts'
import { docsRoutes } from './docs.ts'
import { onlyOwnNames, withSecurityHeaders } from './guards.ts'
import { alertLinkRoutes } from './links/alert-links.ts'
import type { AlertLinkPorts } from './links/link-answer.ts'
import { liveRoutes } from './live/events.ts'
import type { LivePorts } from './live/events.ts'
import { intakeRoutes, openIntakes } from './intake/intake.ts'
import type { IntakePorts, OpenIntakes } from './intake/intake.ts'
import { metricsRoutes } from './api/metrics.ts'
import { Live } from './live/live.ts'
import type { PagePorts } from './live/live.ts'
import { pageLiveRoutes } from './live/live-routes.ts'
import { mcpRoutes } from './mcp/mcp.ts'
import type { AskApi } from './mcp/mcp.ts'
import { pageRoutes } from './page.ts'
import type { HttpEnv, Resource } from './route.ts'
import { serve } from './serve.ts'

export interface RouteOptions
  extends
    RetainedPorts,
    RunPorts,
    StatusPorts,
    ClientPorts,
    TaskPorts,
    AlertPorts,
    PingPorts,
    LivePorts,
    PublishPorts,
    RulePorts,
    ExplainRoutePorts,
    PushPorts,
    IntakePorts,
    PublishRights,
    CallerPorts {
  readonly queries: Remote<Omit<Queries, 'close'>>
  /** What the broker tells an open page. */
  readonly page: PagePorts
  readonly command: Command
  readonly clock: Pick<Clock, 'now' | 'after' | 'steady'>
  /** Names, besides addresses, by which the hub may be asked; none by default. */
  readonly hosts?: readonly string[]
  /** Absent: notifications have no links. */
  readonly alertLinks?: AlertLinkPorts
  readonly log: Log
}

export function routes(options: RouteOptions): Hono {
  const { alertLinks, hosts = [], log } = options
  const app = new Hono()
  app.use(withSecurityHeaders)

  // Ahead of what refuses strangers: who holds a signed link may come from anywhere.
  if (alertLinks) app.route('/', alertLinkRoutes(alertLinks))
  const intakes = openIntakes(options)
  app.route('/', provenIntakes(intakes))

  app.use(onlyOwnNames(hosts))

  const callers = new Callers(options)
  const askApi: AskApi = async (path, { env, req }) =>
    app.request(new URL(path, req.url), { headers: withoutBody(req.raw.headers) }, env)
  const all = [...resources(options, intakes), sessionRoutes(callers), mcpRoutes(askApi)]
  const admit = admitBy(callers)
  for (const resource of [...all, descriptionRoutes(all, version())]) app.route('/', serve(resource, admit))

  app.route('/', docsRoutes())

  // Last, because the paths of views are whatever nothing else answers.
  app.route('/', pageRoutes())

  app.notFound((context) => answer(context, { error: `There is nothing at ${context.req.path}.` }, 404))
  app.onError((error, context) => {
    if (error instanceof LoginNeeded) return askForLogin(context, error)
    if (error instanceof HTTPException) return answer(context, { error: error.message }, error.status)
    log.error(
      { err: error },
      `${context.req.method} ${printable(context.req.path)} failed: ${messageOf(error)}`,
    )
    return answer(context, { error: 'The hub could not answer; its log says why.' }, 500)
  })
  return app
}

/** Everything that says who asks, and through which proxies, but nothing about a body. */
function withoutBody(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of ['content-type', 'content-length', 'transfer-encoding', 'accept']) kept.delete(name)
  return kept
}

function askForLogin(context: Context, { status, message, challenges }: LoginNeeded): Response {
  for (const challenge of challenges) context.header('WWW-Authenticate', challenge, { append: true })
  if (status !== 401) context.header('Retry-After', '5')
  return answer(context, { error: message }, status)
}

/** What the API is made of, in the order of its description. */
export const resources = (options: RouteOptions, intakes = openIntakes(options)): readonly Resource[] => [
  // Ahead of `/api/events/{id}`, of which `live` is none.
  liveRoutes(options),
  eventRoutes(options.queries),
  topicRoutes(options.queries),
  ruleRoutes(options),
  explainRoutes(options),
  runRoutes(options),
  whyRoutes(options.queries),
  verdictRoutes(options.queries),
  alertRoutes(options),
  pushRoutes(options),
  clientRoutes(options),
  pingRoutes(options),
  retainedRoutes(options),
  commandRoutes(options.command),
  publishRoutes(options),
  intakeRoutes(intakes, options),
  taskRoutes(options),
  statusRoutes(options),
  metricsRoutes(options),
  questionRoutes(options),
  pageLiveRoutes(
    new Live({ ...options.page, queries: options.queries, clock: systemClock, log: options.log }),
  ),
]

/** Deliveries of those who prove who they are; all others go on to what refuses strangers. */
function provenIntakes(intakes: OpenIntakes): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  app.post('/in/:name', async (context, next) => {
    const { name } = context.req.param()
    if (!intakes.isProven(name)) return next()
    const { value, status } = await intakes.take(name, context)
    return answer(context, value, status as ContentfulStatusCode)
  })
  return app
}
