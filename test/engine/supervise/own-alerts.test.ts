// Covers `src/engine/supervise/quarantine-alerts.ts`.

import { expect, test } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { OwnAlerts } from '../../../src/engine/supervise/own-alerts.ts'
import { openQuarantineAlerts } from '../../../src/engine/supervise/quarantine-alerts.ts'
import type { Publication } from '../../../src/model/event.ts'

function begin(left: readonly string[] = []) {
  const published: Publication[] = []
  const alerts = new OwnAlerts({
    root: 'vigie',
    log: silentLog,
    publish: async (publication) => published.push(publication),
    left: left.map((key) => ({ key, body: 'of a hub before' })),
  })
  const said = () =>
    published.splice(0).map(({ topic, payload }) => [topic, JSON.parse(Buffer.from(payload).toString())])
  return { alerts, said }
}
const WORDS = { title: 'It is full', body: 'no room', severity: 'critical' } as const

test('an alert of the hub is raised once for what it says, and resolved once', () => {
  const { alerts, said } = begin()
  alerts.resolve('disk')
  alerts.raise('disk', WORDS)
  alerts.raise('disk', WORDS)
  alerts.raise('disk', { ...WORDS, body: 'still no room' })
  alerts.resolve('disk', { title: 'There is room' })
  alerts.resolve('disk')
  expect(said()).toEqual([
    ['vigie/commands/alerts/disk/raise', WORDS],
    ['vigie/commands/alerts/disk/raise', { ...WORDS, body: 'still no room' }],
    ['vigie/commands/alerts/disk/resolve', { title: 'There is room' }],
  ])
})

test('what a hub before has left open is resolved, and what is put aside still is not', () => {
  const { alerts, said } = begin(['quarantine/rule/a', 'quarantine/rule/b', 'other'])
  openQuarantineAlerts(alerts).keepOnly([{ kind: 'rule', name: 'a' }])
  expect(said()).toMatchObject([['vigie/commands/alerts/quarantine/rule/b/resolve', {}]])
})
