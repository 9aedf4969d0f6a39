// Whether the hub is well, and what it is doing.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { BRIDGE_STATES } from '../../model/bridge.ts'
import { CONDITIONS } from '../../model/health.ts'
import type { Health } from '../../model/health.ts'
import type { HubStatus } from '../../model/hub-status.ts'
import type { Queries } from '../../model/queries.ts'
import { pauseReport } from '../../model/rule-pause.ts'
import { RUN_STATES } from '../../model/run.ts'
import type { WatchedProcesses } from '../../model/watch.ts'
import { Reply, route } from '../route.ts'
import type { Resource } from '../route.ts'
import { at, rulePause } from './nouns.ts'

export interface StatusPorts {
  readonly queries: Remote<Pick<Queries, 'totals' | 'rulePauses'>>
  /** Returns the status of the hub, except what is in its store. */
  readonly status: () => Promise<Omit<HubStatus, 'store' | 'paused'>>
  /** Returns what the watches look at; `null` when no engine answers. */
  readonly processes: () => Promise<WatchedProcesses | null>
  /** Returns whether the hub keeps its promise at this moment. */
  readonly health: () => Health
}

const conditions = z.record(z.enum(CONDITIONS), z.string().nullable())
const health = z
  .object({
    ok: z.boolean().describe('Every condition holds.'),
    conditions: conditions.describe('`null`, or the sentence that says why a condition does not hold.'),
  })
  .meta({ id: 'Health' })

const readiness = z
  .object({ ready: z.boolean(), reasons: z.array(z.string()).describe('Why it is not ready, as sentences.') })
  .meta({ id: 'Readiness' })

const count = z.int().min(0)
const ping = z
  .looseObject({ name: z.string(), kind: z.string(), state: z.string(), reason: z.string() })
  .meta({ id: 'Ping' })
const watch = z
  .looseObject({ name: z.string(), problem: z.string(), hasGivenUp: z.boolean() })
  .meta({ id: 'Watch' })
const engine = z.looseObject({
  state: z.enum(['running', 'waiting', 'restarting', 'stopped']),
  generation: count,
  restarts: count,
  failures: z.array(z.string()).describe('Sentences on rule files that did not load.'),
  quarantined: z.array(z.string()),
  behind: count.nullable().describe('Events that are yet to be evaluated.'),
  now: z
    .looseObject({
      rules: z.array(z.string()),
      pings: z.array(ping),
      watches: z.array(watch),
      commands: z.array(z.string()),
      cursor: count,
      openRuns: count,
    })
    .nullable(),
})
const store = z.object({
  events: count,
  oldestEventAt: at.nullable(),
  lastEventId: count,
  cursor: count,
  runs: z.record(z.enum(RUN_STATES), count),
  databaseBytes: count,
})
const bridge = z
  .looseObject({
    name: z.string(),
    state: z.enum(BRIDGE_STATES),
    since: at,
    address: z.string(),
    reason: z.string().nullable().describe('Why it is not connected.'),
    behind: count.describe('Events that the far side has not acknowledged, or that are not for it.'),
    lost: count.describe('Messages that history forgot before they were acknowledged.'),
  })
  .meta({ id: 'Bridge' })
const status = z
  .looseObject({
    version: z.string(),
    pid: z.int(),
    startedAt: at,
    health,
    broker: z.looseObject({}).describe('The figures of the broker.'),
    engine,
    http: z.object({
      streams: count.describe('Open streams of events.'),
      cutOff: count.describe('Streams that were ended because their reader took nothing.'),
    }),
    bridges: z.array(bridge),
    paused: z.array(rulePause).describe('Rules that people have paused.'),
    store,
  })
  .meta({ id: 'Status' })

const processes = z
  .object({
    watches: z.array(z.looseObject({ name: z.string(), count, processes: z.array(z.looseObject({})) })),
    zombies: z.array(z.looseObject({ pid: z.int(), name: z.string(), ageMs: z.number() })),
  })
  .meta({ id: 'Processes' })

export const statusRoutes = (ports: StatusPorts): Resource => ({
  name: 'Status',
  about: 'Whether the hub is well, and what it is doing.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/healthz',
        summary: 'Ask whether the hub keeps its promise',
        needs: 'open',
        answers: {
          200: { says: 'It does.', schema: health },
          503: { says: 'It does not, and why.', schema: health },
        },
      },
      () => {
        const now = ports.health()
        return new Reply(now.ok ? 200 : 503, now)
      },
    ),
    route(
      {
        method: 'GET',
        path: '/readyz',
        summary: 'Ask whether the hub is ready for work',
        about: 'It is ready when it keeps its promise, and an engine with its rules is in charge.',
        needs: 'open',
        answers: {
          200: { says: 'It is ready.', schema: readiness },
          503: { says: 'It is not, and why.', schema: readiness },
        },
      },
      async () => {
        const { ok, conditions: now } = ports.health()
        const { engine: inCharge } = await ports.status()
        const reasons = Object.values(now).filter((reason) => reason !== null)
        if (ok && inCharge.state !== 'running')
          reasons.push(`No engine is in charge: it is ${inCharge.state}.`)
        return new Reply(reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/status',
        summary: 'Show clients, journal, engine, rules and counters',
        about: 'What `vigie status --json` prints.',
        needs: 'read',
        looksAt: 'hub',
        answers: { 200: { says: 'The status.', schema: status } },
      },
      async () => {
        const { queries } = ports
        const [hub, totals, pauses] = await Promise.all([
          ports.status(),
          queries.totals(),
          queries.rulePauses(),
        ])
        const paused = pauses.filter(({ state }) => state === 'paused').map(pauseReport)
        return { ...hub, paused, store: totals } satisfies HubStatus
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/processes',
        summary: 'List what the process watches look at, and the zombies',
        about: 'What `vigie ps --json` prints.',
        needs: 'read',
        looksAt: 'processes',
        answers: { 200: { says: 'The processes.', schema: processes }, 503: 'No engine answers.' },
      },
      async () => {
        const seen = await ports.processes()
        if (seen !== null) return seen
        throw new HTTPException(503, { message: 'No engine answers; try again in a moment.' })
      },
    ),
  ],
})
