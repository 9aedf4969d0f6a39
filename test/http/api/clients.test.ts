import { expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { RouteOptions } from '../../../src/http/routes.ts'
import type { HistoryQuery, RetainedQuery } from '../../../src/model/queries.ts'
import type { RetainedMessage } from '../../../src/model/store.ts'
import { topicLevel } from '../../../src/topics/escape.ts'
import { event } from '../../journal/nouns.ts'
import { describedRoutes } from '../described.ts'

const presenceOf = (client: string, state: string) => ({
  client,
  state,
  reason: state === 'online' ? null : 'lost',
  since: 1,
  address: '127.0.0.1',
  user: null,
  protocol: '5.0',
})

const row = (client: string, content: unknown): RetainedMessage => ({
  topic: `vigie/clients/${topicLevel(client)}`,
  event: 1,
  at: 0,
  payload: Buffer.from(JSON.stringify(content)),
  qos: 1,
  properties: null,
})

/** Asks a hub on which this is retained. */
function hubWith(rows: readonly RetainedMessage[]) {
  const sorted = rows.toSorted((a, b) => (a.topic < b.topic ? -1 : 1))
  const app = describedRoutes({
    queries: {
      retained: async ({ after = '', limit }: RetainedQuery) =>
        sorted.filter(({ topic }) => topic > after).slice(0, limit),
    },
    root: 'vigie',
    sessionOf: () => undefined,
    log: silentLog,
  } as unknown as RouteOptions)
  return async (query: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const answer = await app.request(`http://127.0.0.1/api/clients?${new URLSearchParams(query).toString()}`)
    return ((await answer.json()) as { client: string }[]).map(({ client }) => client)
  }
}

const named = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `client-${String(from + index).padStart(5, '0')}`)

it('fills a page also where a rule has published what is no presence', async () => {
  const rubbish = named(0, 1_200).map((name) => row(name, 'a rule was here'))
  const clients = named(1_200, 3).map((name) => row(name, presenceOf(name, 'online')))
  const ask = hubWith([...rubbish, ...clients])
  expect(await ask({ limit: '2' })).toEqual(['client-01200', 'client-01201'])
  expect(await ask({ limit: '2', after: 'client-01201' })).toEqual(['client-01202'])
})

it('fills a page with clients of the state that is asked for', async () => {
  const rows = named(0, 1_500).map((name, index) =>
    row(name, presenceOf(name, index % 500 === 499 ? 'offline' : 'online')),
  )
  const ask = hubWith(rows)
  expect(await ask({ state: 'offline', limit: '2' })).toEqual(['client-00499', 'client-00999'])
  expect(await ask({ state: 'offline', limit: '2', after: 'client-00999' })).toEqual(['client-01499'])
})

it('tells when a client came and went, and leaves out what is no presence', async () => {
  const asked: HistoryQuery[] = []
  const said = (id: number, content: string) =>
    event(id, { at: id, topic: 'vigie/clients/a%2Fb', payload: Buffer.from(content) })
  const app = describedRoutes({
    queries: {
      history: async (query: HistoryQuery) => (
        asked.push(query),
        [
          said(9, JSON.stringify(presenceOf('a/b', 'offline'))),
          said(8, ''),
          said(7, '"a rule was here"'),
          said(6, JSON.stringify(presenceOf('a/b', 'online'))),
        ]
      ),
    },
    root: 'vigie',
    log: silentLog,
  } as unknown as RouteOptions)
  const answer = await app.request('http://127.0.0.1/api/clients/a%2Fb/timeline?limit=4')
  expect(await answer.json()).toEqual([
    { event: 9, at: 9, state: 'offline', reason: 'lost' },
    { event: 6, at: 6, state: 'online', reason: null },
  ])
  expect(asked).toMatchObject([{ filter: 'vigie/clients/a%2Fb', limit: 4 }])
})
