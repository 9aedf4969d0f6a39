import { expect, it } from 'vitest'
import type { Alert } from '../../../src/model/alert.ts'
import type { HubStatus } from '../../../src/model/hub-status.ts'
import { metricsRoutes } from '../../../src/http/api/metrics.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'

const STATUS = {
  version: '1.2.3',
  pid: 1,
  startedAt: 1_700_000_000_000,
  health: { ok: false, conditions: { journal: null, rules: 'The folder is gone.', engine: null } },
  broker: {
    connections: 3,
    sessions: 4,
    subscriptions: 5,
    retained: 6,
    publishesReceived: 7,
    publishesSent: 8,
    bytesReceived: 9,
    bytesSent: 10,
    refusedConnects: 11,
    protocolErrors: 12,
    failedLogins: 13,
    deniedSubscriptions: 14,
    dropped: { slow: 1, expired: 0 },
  },
  engine: {
    state: 'running',
    generation: 2,
    restarts: 1,
    failures: ['a.ts does not load.'],
    quarantined: [],
    behind: 15,
    now: {
      rules: ['one', 'two'],
      pings: [
        { name: 'nas "one"', kind: 'icmp', state: 'up', latencyMs: 12.5 },
        { name: 'web', kind: 'http', state: 'down', latencyMs: null },
        { name: 'new', kind: 'tcp', state: 'unknown', latencyMs: null },
      ],
      watches: [],
      commands: [],
      cursor: 20,
      heldBack: null,
      openRuns: 16,
      stepsUnderWay: 17,
      stepsQueued: 18,
    },
  },
  http: { streams: 1, cutOff: 2 },
} as unknown as Omit<HubStatus, 'store'>

const TOTALS = {
  events: 100,
  oldestEventAt: 1_600_000_000_000,
  lastEventId: 120,
  cursor: 105,
  runs: { waiting: 1, running: 2, done: 30, dead: 4, cancelled: 0, dry: 0, planned: 0 },
  databaseBytes: 4_096,
} as HubStatus['store']

const alert = (severity: string, state: string): Alert => ({ severity, state }) as Alert

async function scrape(status = STATUS, totals = TOTALS): Promise<string> {
  const { routes } = metricsRoutes({
    status: async () => status,
    queries: {
      totals: async () => totals,
      rulePauses: async () => [],
      alerts: async () => [
        alert('critical', 'firing'),
        alert('critical', 'firing'),
        alert('info', 'silenced'),
      ],
    },
  })
  const answer = (await routes[0]!.handle({} as never)) as Response
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  return answer.text()
}

it('gives the figures of broker, journal, engine, pings and alerts', async () => {
  const lines = (await scrape()).split('\n')
  for (const line of [
    'process_start_time_seconds 1700000000',
    'vigie_condition{condition="journal"} 1',
    'vigie_condition{condition="rules"} 0',
    'vigie_mqtt_connections 3',
    'vigie_mqtt_received_messages_total 7',
    'vigie_mqtt_dropped_messages_total{reason="slow"} 1',
    'vigie_history_events 100',
    'vigie_journal_events_total 120',
    'vigie_runs{state="dead"} 4',
    'vigie_engine_events_behind 15',
    'vigie_rules 2',
    'vigie_ping_up{name="nas \\"one\\"",kind="icmp"} 1',
    'vigie_ping_up{name="web",kind="http"} 0',
    'vigie_ping_latency_seconds{name="nas \\"one\\"",kind="icmp"} 0.0125',
    'vigie_alerts{severity="critical",state="firing"} 2',
    'vigie_alerts{severity="info",state="silenced"} 1',
    'vigie_alerts{severity="warning",state="firing"} 0',
  ])
    expect(lines).toContain(line)
  expect(lines.join('\n')).not.toMatch(/name="new"/)
})

it('leaves out what nobody knows while no engine answers and the history is empty', async () => {
  const engine = { ...STATUS.engine, state: 'restarting', behind: null, now: null } as HubStatus['engine']
  const text = await scrape({ ...STATUS, engine }, { ...TOTALS, oldestEventAt: null })
  expect(text).toMatch(/^vigie_engine_running 0$/m)
  expect(text).not.toMatch(/events_behind|vigie_ping|oldest_event/)
})

it('names counters, and only them, by _total, with a help and a type for each', async () => {
  const text = await scrape()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }))
  expect(types.length).toBeGreaterThan(25)
  for (const { name, type } of types) {
    expect(name).toMatch(/^(?:vigie|process)(?:_[a-z]+)+$/)
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
    expect(text).toMatch(new RegExp(`^# HELP ${name} [A-Z].*\\.$`, 'm'))
  }
})

it('is there on a running hub', async () => {
  const hub = await startHubProcess(['--data', temporaryFolder()])
  const answer = await fetch(`http://127.0.0.1:${hub.http}/metrics`)
  expect(answer.status).toBe(200)
  expect(await answer.text()).toMatch(/^vigie_info\{version="\d+\.\d+\.\d+",node="24[^"]*"\} 1$/m)
})
