import { expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { RouteOptions } from '../../../src/http/routes.ts'
import type { HistoryQuery } from '../../../src/model/queries.ts'
import { topicMatches } from '../../../src/topics/matches.ts'
import { event } from '../../journal/nouns.ts'
import { describedRoutes } from '../described.ts'

const says = (id: number, topic: string, content: unknown) =>
  event(id, { at: id * 1_000, topic: `vigie/ping/${topic}`, payload: Buffer.from(JSON.stringify(content)) })
const minute = { checks: 2, failed: 1, minMs: 1.5, medianMs: 1.5, maxMs: 1.5 }
const past = [
  says(1, 'nas', { state: 'down', reason: 'refused' }),
  says(2, 'nas/minute', { from: '2026-01-02T03:04:00.000Z', ...minute }),
  says(3, 'router', { state: 'up', reason: '' }),
  says(4, 'nas', 'what a rule published'),
  says(5, 'nas', { state: 'up', reason: '' }),
  says(6, 'nas/minute', { from: 'no moment' }),
]

const get = async (path: string, pings: unknown[] | null = [status('nas'), status('router')]) => {
  const options = {
    log: silentLog,
    root: 'vigie',
    status: async () => ({ engine: { now: pings && { pings } } }),
    queries: {
      history: async ({ filter = '#', since = 0 }: HistoryQuery) =>
        past.filter(({ topic, at }) => topicMatches(filter, topic) && at >= since).toReversed(),
    },
  } as unknown as RouteOptions
  const answer: Response = await describedRoutes(options).request(`http://127.0.0.1:7883${path}`)
  return { status: answer.status, body: await answer.json() }
}
const status = (name: string) => ({ name, kind: 'tcp', state: 'up', reason: '' })
const went = (id: number, state: string, reason = '') => ({ event: id, at: id * 1_000, state, reason })

it('lists each ping with the changes of its state, and with nothing else that was published there', async () => {
  const { body } = await get('/api/pings?since=1970-01-01T00:00Z')
  expect(body).toEqual([
    { ...status('nas'), flips: [went(1, 'down', 'refused'), went(5, 'up')] },
    { ...status('router'), flips: [went(3, 'up')] },
  ])
})

it('shows the latency of one ping, minute by minute', async () => {
  const { body } = await get('/api/pings/nas?since=1970-01-01T00:00:02Z')
  expect(body).toEqual({
    ...status('nas'),
    flips: [went(5, 'up')],
    minutes: [{ at: Date.UTC(2026, 0, 2, 3, 4), ...minute }],
  })
})

it('looks back for a day unless it is told how far', async () => {
  expect((await get('/api/pings')).body).toEqual([
    { ...status('nas'), flips: [] },
    { ...status('router'), flips: [] },
  ])
})

it('says that there is no such ping, or no engine', async () => {
  expect(await get('/api/pings/lamp')).toMatchObject({ status: 404 })
  expect(await get('/api/pings', null)).toMatchObject({ status: 503 })
})
