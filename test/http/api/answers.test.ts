// Covers `src/http/api/rules.ts`, `src/http/api/topics.ts`, `src/http/api/verdicts.ts`: what the API
// answers from a real journal, held to what it says of itself.

import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { RouteOptions } from '../../../src/http/routes.ts'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openBench } from '../../journal/fixtures.ts'
import { alert, event, run, step } from '../../journal/nouns.ts'
import { describedRoutes } from '../described.ts'

const told = [
  event(1, { topic: 'house/door', payload: Buffer.from('{"open":true}') }),
  event(2, { topic: 'house/lamp', payload: Buffer.from([0xff, 0xfe]), client: 'lamp', origin: 'will' }),
  event(3, { topic: 'house/lamp', payload: Buffer.from('on'), retain: true }),
  event(4, { topic: 'vigie/runs/door', origin: 'hub', client: null, cause: { event: 1, run: 1, depth: 1 } }),
]

function hub() {
  const { dataDir, writer } = openBench()
  const outcome = { kind: 'give-up', reason: 'no such host' } as const
  const flip = {
    key: 'nas',
    incident: 1,
    number: 1,
    from: null,
    to: 'firing',
    at: 9,
    event: 1,
    by: 'rule',
  } as const
  writer.commit({
    events: told,
    changes: [
      {
        newRuns: [
          { run: run(1, { state: 'dead' }), steps: [step(1, '0', { state: 'dead', attempt: 2, outcome })] },
          { run: run(2, { rule: 'lamp', event: 3, key: 'k' }), steps: [] },
        ],
        verdicts: [
          { rule: 'door', key: '', event: 1, stage: 'fired', reason: '', at: 1 },
          { rule: 'lamp', key: '', event: 1, stage: 'when', reason: 'no', at: 1 },
        ],
        alerts: [alert('nas'), alert('a/b', { state: 'resolved' })],
        alertFlips: [flip],
        silences: [
          {
            name: 'nas/#',
            silence: {
              name: 'nas/#',
              match: { key: 'nas/#' },
              fromAt: 1,
              untilAt: 2,
              author: 'anna',
              comment: '',
              event: 1,
            },
          },
        ],
      },
    ],
  })
  const door = { name: 'door', kind: 'rule', file: 'rules/door.ts', line: 'rules/door.ts:3', on: ['a/+'] }
  const options = {
    queries: openQueries(dataDir),
    rules: async () => [{ ...door, enabled: true, dryRun: false }],
    sourceOf: async (file: string) => `// ${file}`,
    status: async () => ({ engine: { failures: ['rules/bad.ts:7: it is wrong'], quarantined: [] } }),
    log: silentLog,
    root: 'vigie',
    sessionOf: () => undefined,
  }
  const app = describedRoutes(options as unknown as RouteOptions)
  return async (path: string) => {
    const answer = await app.request(`http://127.0.0.1${path}`)
    return { status: answer.status, link: answer.headers.get('link'), said: (await answer.json()) as never }
  }
}

const ids = (rows: readonly { id: number }[]): number[] => rows.map(({ id }) => id)

describe('the API answers from a journal', () => {
  it.each([
    ['/api/events', [4, 3, 2, 1]],
    ['/api/events?origin=will', [2]],
    ['/api/events?client=lamp', [2]],
    ['/api/events?contains=open', [1]],
    ['/api/events?json-path=open%20%3D%20true', [1]],
    ['/api/events?filter=house/%2B&before=3', [2, 1]],
    ['/api/runs', [2, 1]],
    ['/api/runs?state=dead', [1]],
    ['/api/runs?event=3', [2]],
    ['/api/runs?key=k&rule=lamp', [2]],
    ['/api/runs?until=1970-01-01', []],
  ])('%s', async (path, expected) => {
    expect(ids((await hub()(path)).said)).toEqual(expected)
  })

  it.each([
    [
      '/api/topics',
      [{ topic: 'house/door' }, { topic: 'house/lamp', events: 2 }, { topic: 'vigie/runs/door' }],
    ],
    ['/api/topics?text=LAMP', [{ topic: 'house/lamp', retained: true, last: { id: 3, payload: 'on' } }]],
    ['/api/topics/house/lamp', { topic: 'house/lamp', last: { id: 3 } }],
    ['/api/events/1', { id: 1, verdicts: [{ rule: 'door' }, { rule: 'lamp' }], runs: [{ id: 1 }] }],
    ['/api/runs/1', { id: 1, steps: [{ path: '0', outcome: { reason: 'no such host' } }], attempts: [] }],
    ['/api/runs/dead', [{ rule: 'door', error: 'no such host', count: 1, newest: 1 }]],
    ['/api/verdicts', [{ rule: 'door' }, { rule: 'lamp' }]],
    ['/api/verdicts?rule=lamp&stage=when', [{ event: 1, reason: 'no' }]],
    [
      '/api/rules?since=1970-01-01',
      {
        rules: [{ name: 'door', verdicts: { fired: 1 }, lastRun: { id: 1 } }],
        failures: ['rules/bad.ts:7: it is wrong'],
      },
    ],
    ['/api/rules/door', { name: 'door', source: '// rules/door.ts', runs: [{ id: 1 }] }],
    ['/api/alerts', [{ key: 'nas' }]],
    ['/api/alerts?all', [{ key: 'a/b' }, { key: 'nas' }]],
    ['/api/alerts?state=resolved', [{ key: 'a/b' }]],
    ['/api/alerts/nas', { key: 'nas', flips: [{ to: 'firing', by: 'rule' }], notifications: [] }],
    ['/api/alerts/a%2Fb', { key: 'a/b', state: 'resolved' }],
    ['/api/silences', [{ name: 'nas/#', author: 'anna' }]],
    ['/api/retained', [{ topic: 'house/lamp', payload: 'on', event: 3 }]],
    ['/api/retained/count', { count: 1, upTo: 3 }],
  ])('%s', async (path, expected) => {
    const { status, said } = await hub()(path)
    expect(status).toBe(200)
    expect(said).toMatchObject(expected)
  })

  it.each(['/api/topics/house', '/api/topics/house/+', '/api/events/9', '/api/runs/9', '/api/alerts/none'])(
    '%s with 404, as there is no such thing',
    async (path) => {
      expect((await hub()(path)).status).toBe(404)
    },
  )
})

it.each([
  ['/api/events?limit=1', '/api/events?limit=1&before=4'],
  ['/api/topics?limit=2', '/api/topics?limit=2&after=house%2Flamp'],
  ['/api/runs?limit=1', '/api/runs?limit=1&before=2'],
  ['/api/verdicts?limit=9', null],
  ['/api/topics?limit=9', null],
])('leads from %s to the next page', async (path, next) => {
  expect((await hub()(path)).link).toBe(next && `<${next}>; rel="next"`)
})
