// Covers `src/http/api/events.ts`.

import { expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { RouteOptions } from '../../../src/http/routes.ts'
import type { HistogramQuery } from '../../../src/model/queries.ts'
import { describedRoutes } from '../described.ts'

it('counts the events of the last day in about sixty steps, unless it is told otherwise', async () => {
  const asked: HistogramQuery[] = []
  const plot = { from: 0, stepMs: 60_000, counts: [1, 0, 2] }
  const queries = { histogram: async (query: HistogramQuery) => (asked.push(query), plot) }
  const app = describedRoutes({ log: silentLog, queries } as unknown as RouteOptions)
  const get = async (query: string): Promise<unknown> =>
    (await app.request(`http://127.0.0.1:7883/api/events/counts${query}`)).json()
  expect(await get('')).toEqual(plot)
  await get('?filter=a/%23&since=2026-01-01T00:00Z&until=2026-01-02T00:00Z&bars=24')
  const [{ since, until, bars } = { since: 0, until: 0, bars: 0 }, second] = asked
  expect([until - since, bars]).toEqual([86_400_000, 60])
  expect(second).toEqual({
    filter: 'a/#',
    since: Date.UTC(2026, 0, 1),
    until: Date.UTC(2026, 0, 2),
    bars: 24,
  })
})
