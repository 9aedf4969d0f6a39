// Pings with their past: when they went up and down, and their latency, from what the history has of them.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { systemClock } from '../../base/clock.ts'
import type { Event } from '../../model/event.ts'
import { jsonIn } from '../../model/hub-message.ts'
import type { PingMinute, PingReport, PingStatus } from '../../model/probe.ts'
import type { Queries } from '../../model/queries.ts'
import { PAGE_BYTES, since } from '../params.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'
import { at } from './nouns.ts'
import type { StatusPorts } from './status.ts'

export interface PingPorts {
  readonly queries: Remote<Pick<Queries, 'history'>>
  /** First level of the hub's own topics. */
  readonly root: string
  readonly status: StatusPorts['status']
}

const state = z.enum(['up', 'down', 'unknown', 'flapping', 'unreachable'])
const flip = z.object({
  event: z.int(),
  at,
  state,
  reason: z.string().describe('Why it is not up; empty when it is.'),
})
const minute = z.object({
  at: at.describe('When the minute began, Unix ms.'),
  checks: z.int(),
  failed: z.int(),
  minMs: z.number().nullable(),
  medianMs: z.number().nullable(),
  maxMs: z.number().nullable(),
})
const ping = z.looseObject({ name: z.string(), kind: z.string(), state, reason: z.string() })
const pingWithFlips = ping.extend({
  flips: z.array(flip).describe('Changes of its state, the oldest first.'),
})

/** Changes of state that are given of all pings together, and minutes of one: the newest ones. */
const MOST_FLIPS = 5_000
const MOST_MINUTES = 3_000

export function pingRoutes({ queries, root, status }: PingPorts): Resource {
  const listed = async (): Promise<readonly PingStatus[]> => {
    const { engine } = await status()
    if (engine.now !== null) return engine.now.pings
    throw new HTTPException(503, { message: 'No engine answers; try again in a moment.' })
  }
  const newest = async (topic: string, from: number | undefined, limit: number): Promise<Event[]> => {
    const filter = `${root}/ping/${topic}`
    const query = { filter, limit, bytes: PAGE_BYTES, ...(from !== undefined && { since: from }) }
    return (await queries.history(query)).toReversed()
  }
  const flipsOf = async (name: string, from: number | undefined) =>
    (await newest(name, from, MOST_FLIPS)).flatMap(({ id: event, at: moment, topic, payload }) => {
      const report = jsonIn(payload) as Partial<PingReport> | null | undefined
      if (report?.state === undefined || !state.safeParse(report.state).success) return []
      return [{ topic, event, at: moment, state: report.state, reason: report.reason ?? '' }]
    })
  const minutesOf = async (name: string, from: number | undefined) =>
    (await newest(`${name}/minute`, from, MOST_MINUTES)).flatMap(({ payload }) => {
      const { from: date, ...figures } = (jsonIn(payload) ?? {}) as Partial<PingMinute>
      const parsed = minute.safeParse({ at: Date.parse(date ?? ''), ...figures })
      return parsed.success ? [parsed.data] : []
    })
  const range = { since: since.default(() => systemClock.now() - DAY_MS) }

  return {
    name: 'Pings',
    about: 'What the hub checks again and again, and what its checks came to.',
    routes: [
      route(
        {
          method: 'GET',
          path: '/api/pings',
          summary: 'List pings, with the changes of their states',
          about: `At most the newest ${MOST_FLIPS.toLocaleString('en')} changes of all pings together.`,
          needs: 'read',
          looksAt: 'pings',
          query: range,
          answers: { 200: { says: 'The pings.', schema: z.array(pingWithFlips) }, 503: 'No engine answers.' },
        },
        async ({ query }) => {
          const [pings, flips] = await Promise.all([listed(), flipsOf('+', query.since)])
          const byTopic = Map.groupBy(flips, ({ topic }) => topic)
          return pings.map((each) => ({
            ...each,
            flips: (byTopic.get(`${root}/ping/${each.name}`) ?? []).map(({ topic: _topic, ...rest }) => rest),
          }))
        },
      ),
      route(
        {
          method: 'GET',
          path: '/api/pings/{name}',
          summary: 'Show one ping, with its latency minute by minute',
          about: `At most the newest ${MOST_MINUTES.toLocaleString('en')} minutes.`,
          needs: 'read',
          looksAt: 'pings',
          params: { name: z.string() },
          query: range,
          answers: {
            200: {
              says: 'The ping.',
              schema: pingWithFlips.extend({
                minutes: z.array(minute).describe('The checks of each minute, the oldest first.'),
              }),
            },
            404: 'No rule file declares such a ping.',
            503: 'No engine answers.',
          },
        },
        async ({ params: { name }, query }) => {
          const found = (await listed()).find((each) => each.name === name)
          if (!found)
            throw new HTTPException(404, {
              message: `No rule file declares a ping ${JSON.stringify(name)}.`,
            })
          const [flips, minutes] = await Promise.all([
            flipsOf(name, query.since),
            minutesOf(name, query.since),
          ])
          return { ...found, flips: flips.map(({ topic: _topic, ...rest }) => rest), minutes }
        },
      ),
    ],
  }
}

const DAY_MS = 86_400_000
