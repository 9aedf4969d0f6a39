import { expect, it } from 'vitest'
import { Reports } from '../../src/bridge/reports.ts'
import { ManualClock } from '../../src/base/clock.ts'
import type { BridgeStatus } from '../../src/model/bridge.ts'

const STATUS: BridgeStatus = {
  name: 'cloud',
  state: 'waiting',
  since: 0,
  address: 'mqtt://x',
  version: null,
  reason: 'mqtt://x: nothing listens there.',
  sent: 0,
  received: 0,
  behind: 3,
  lost: 0,
  dropped: { loop: 0, refused: 0, expired: 0, 'too-large': 0, untranslatable: 0, unrouted: 0 },
}

function open() {
  const clock = new ManualClock()
  const published: [topic: string, payload: string][] = []
  const alerts: string[] = []
  const isOpen = new Set<string>()
  const reports = new Reports(
    {
      clock,
      root: 'vigie',
      publish: ({ topic, payload, retain }) => {
        expect(retain).toBe(true)
        published.push([topic, Buffer.from(payload).toString()])
      },
      alerts: {
        open: () => [...isOpen],
        raise(key, { title, body }) {
          isOpen.add(key)
          alerts.push(`${title}: ${body}`)
        },
        resolve(key, words) {
          isOpen.delete(key)
          alerts.push(`${words?.title}`)
        },
      },
    },
    'site/7',
    60_000,
  )
  const tell = (rest: Partial<BridgeStatus> = {}): void => {
    const status = { ...STATUS, ...rest }
    reports.tell(status, () => status)
  }
  return { clock, published, alerts, tell }
}

it('retains the state under the root, and as Mosquitto does, when it has changed', () => {
  const { published, tell } = open()
  tell()
  tell({ sent: 5 })
  tell({ state: 'connected', reason: null })
  const topics = published.map(([topic]) => topic)
  const system = '$SYS/broker/connection/site%2F7/state'
  expect(topics).toEqual(['vigie/bridges/cloud', system, 'vigie/bridges/cloud', system])
  expect(published.filter(([topic]) => topic === system).map(([, payload]) => payload)).toEqual(['0', '1'])
  expect(JSON.parse(published[0]?.[1] ?? '')).toEqual({
    name: 'cloud',
    state: 'waiting',
    since: '1970-01-01T00:00:00.000Z',
    address: 'mqtt://x',
    version: null,
    reason: 'mqtt://x: nothing listens there.',
    lost: 0,
  })
})

it('raises an alert when a bridge stays down, and resolves it when it is up', () => {
  const { clock, alerts, tell } = open()
  tell()
  clock.advance(59_999)
  tell()
  expect(alerts).toEqual([])
  clock.advance(1)
  expect(alerts).toEqual([
    'The bridge "cloud" is down: mqtt://x: nothing listens there. What is to be sent waits in the history.',
  ])
  tell({ state: 'connected', reason: null })
  expect(alerts[1]).toBe('The bridge "cloud" is up again')
})

it('raises none for a bridge that comes up in time', () => {
  const { clock, alerts, tell } = open()
  tell()
  tell({ state: 'connected', reason: null })
  clock.advance(1e6)
  expect(alerts).toEqual([])
})

it('raises an alert when messages were lost', () => {
  const { alerts, tell } = open()
  tell({ state: 'connected' })
  tell({ state: 'connected', lost: 1 })
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatch(/^The bridge "cloud" has lost messages: History has forgotten 1 message before/)
})
