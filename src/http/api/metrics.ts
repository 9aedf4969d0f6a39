// `GET /metrics`: the figures of the hub for Prometheus and whatever reads its format. Names, units and types keep to
// https://prometheus.io/docs/practices/naming/: base units, `_total` for what only grows until the hub restarts.
//
// Every figure is read when it is asked for: a hub that nobody scrapes has no cost.

import type { Counter as CounterType, Gauge as GaugeType, Registry as RegistryType } from 'prom-client'
import type { Remote } from '../../base/calls.ts'
import type { Alert } from '../../model/alert.ts'
import { SEVERITIES } from '../../model/alert.ts'
import type { HubStatus } from '../../model/hub-status.ts'
import { pauseReport } from '../../model/rule-pause.ts'
import type { Queries } from '../../model/queries.ts'
import type { StatusPorts } from './status.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'

export interface MetricsPorts extends Pick<StatusPorts, 'status'> {
  readonly queries: Remote<Pick<Queries, 'totals' | 'alerts' | 'rulePauses'>>
}

/** Alerts that are not resolved. More of them than this are not told apart. */
const MOST_ALERTS = 10_000
const OPEN_STATES = ['pending', 'firing', 'acknowledged', 'silenced'] as const

export const metricsRoutes = ({ status, queries }: MetricsPorts): Resource => ({
  name: 'Metrics',
  about: 'The figures of the hub for Prometheus.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/metrics',
        summary: 'Read all figures in the text format of Prometheus',
        needs: 'read',
        looksAt: 'hub',
        answers: { 200: { says: 'The figures.', type: 'text/plain' } },
      },
      async () => {
        const [hub, store, pauses, alerts, { Registry, Counter, Gauge }] = await Promise.all([
          status(),
          queries.totals(),
          queries.rulePauses(),
          queries.alerts({ states: OPEN_STATES, limit: MOST_ALERTS }),
          import('prom-client'),
        ])
        const paused = pauses.filter(({ state }) => state === 'paused').map(pauseReport)
        const registry = new Registry()
        fill(new Figures(registry, Counter, Gauge), { ...hub, paused, store }, alerts)
        return new Response(await registry.metrics(), { headers: { 'Content-Type': registry.contentType } })
      },
    ),
  ],
})

type Labels = Readonly<Record<string, string>>

/** A fresh registry for each scrape, as no figure outlives it. */
class Figures {
  readonly #registry: RegistryType
  readonly #Counter: typeof CounterType
  readonly #Gauge: typeof GaugeType

  constructor(registry: RegistryType, Counter: typeof CounterType, Gauge: typeof GaugeType) {
    this.#registry = registry
    this.#Counter = Counter
    this.#Gauge = Gauge
  }

  /** Only grows until the hub restarts. */
  counter(name: string, help: string, ...values: readonly (readonly [number, Labels?])[]): void {
    const labelNames = Object.keys(values[0]?.[1] ?? {})
    const counter = new this.#Counter({ name, help, labelNames, registers: [this.#registry] })
    for (const [value, labels = {}] of values) counter.inc(labels, value)
  }

  gauge(name: string, help: string, ...values: readonly (readonly [number, Labels?])[]): void {
    const labelNames = Object.keys(values[0]?.[1] ?? {})
    const gauge = new this.#Gauge({ name, help, labelNames, registers: [this.#registry] })
    for (const [value, labels = {}] of values) gauge.set(labels, value)
  }
}

function fill(figures: Figures, hub: HubStatus, alerts: readonly Alert[]): void {
  ofHub(figures, hub)
  ofBroker(figures, hub.broker)
  ofJournal(figures, hub.store)
  ofEngine(figures, hub)
  const open = (severity: string, state: string): number =>
    alerts.filter((alert) => alert.severity === severity && alert.state === state).length
  figures.gauge(
    'vigie_alerts',
    'Alerts that are not resolved.',
    ...SEVERITIES.flatMap((severity) =>
      OPEN_STATES.map((state) => [open(severity, state), { severity, state }] as const),
    ),
  )
}

function ofHub(figures: Figures, { version, startedAt, health, http }: HubStatus): void {
  const { user, system } = process.cpuUsage()
  figures.gauge('vigie_info', 'The version of the hub.', [1, { version, node: process.versions.node }])
  figures.gauge('process_start_time_seconds', 'When the hub started.', [startedAt / 1_000])
  figures.counter('process_cpu_seconds_total', 'Time of the processor, without the engine and commands.', [
    (user + system) / 1e6,
  ])
  figures.gauge('process_resident_memory_bytes', 'Memory, without the engine and commands.', [
    process.memoryUsage.rss(),
  ])
  figures.gauge(
    'vigie_condition',
    'Whether a condition of health holds (1) or not (0); all of them hold while the hub keeps its promise.',
    ...Object.entries(health.conditions).map(
      ([condition, problem]) => [problem === null ? 1 : 0, { condition }] as const,
    ),
  )
  figures.gauge('vigie_http_streams', 'Open streams of events over HTTP.', [http.streams])
  figures.counter('vigie_http_streams_cut_off_total', 'Streams ended because their reader took nothing.', [
    http.cutOff,
  ])
}

function ofBroker(figures: Figures, broker: HubStatus['broker']): void {
  figures.gauge('vigie_mqtt_connections', 'Clients that are connected.', [broker.connections])
  figures.gauge('vigie_mqtt_sessions', 'Sessions, of connected clients and of absent ones.', [
    broker.sessions,
  ])
  figures.gauge('vigie_mqtt_subscriptions', 'Subscriptions of all sessions.', [broker.subscriptions])
  figures.gauge('vigie_mqtt_retained_messages', 'Retained messages.', [broker.retained])
  figures.counter('vigie_mqtt_received_messages_total', 'PUBLISH packets received.', [
    broker.publishesReceived,
  ])
  figures.counter('vigie_mqtt_sent_messages_total', 'PUBLISH packets sent.', [broker.publishesSent])
  figures.counter('vigie_mqtt_received_bytes_total', 'Bytes received from clients.', [broker.bytesReceived])
  figures.counter('vigie_mqtt_sent_bytes_total', 'Bytes sent to clients.', [broker.bytesSent])
  figures.counter(
    'vigie_mqtt_dropped_messages_total',
    'Messages that a client did not get, by the reason why.',
    ...Object.entries(broker.dropped).map(([reason, count]) => [count, { reason }] as const),
  )
  figures.counter('vigie_mqtt_refused_connects_total', 'CONNECT packets that were refused.', [
    broker.refusedConnects,
  ])
  figures.counter('vigie_mqtt_failed_logins_total', 'Logins with an unknown user or a wrong password.', [
    broker.failedLogins,
  ])
  figures.counter('vigie_mqtt_denied_subscriptions_total', 'Filters that a client may not subscribe to.', [
    broker.deniedSubscriptions,
  ])
  figures.counter('vigie_mqtt_protocol_errors_total', 'Connections ended for a fault of the client.', [
    broker.protocolErrors,
  ])
}

function ofJournal(figures: Figures, store: HubStatus['store']): void {
  figures.gauge('vigie_history_events', 'Events in the history.', [store.events])
  figures.counter(
    'vigie_journal_events_total',
    'Events since the data folder was new: the number of the newest one.',
    [store.lastEventId],
  )
  if (store.oldestEventAt !== null)
    figures.gauge('vigie_history_oldest_event_timestamp_seconds', 'When the oldest event came.', [
      store.oldestEventAt / 1_000,
    ])
  figures.gauge('vigie_journal_size_bytes', 'Size of the database.', [store.databaseBytes])
  figures.gauge(
    'vigie_runs',
    'Runs in the store, by their state.',
    ...Object.entries(store.runs).map(([state, count]) => [count, { state }] as const),
  )
}

function ofEngine(figures: Figures, { engine, paused }: HubStatus): void {
  figures.gauge('vigie_engine_running', 'Whether an engine is in charge (1) or not (0).', [
    engine.state === 'running' ? 1 : 0,
  ])
  figures.counter('vigie_engine_restarts_total', 'Engines that replaced one which had died.', [
    engine.restarts,
  ])
  figures.gauge('vigie_rule_load_failures', 'What did not load of the rules.', [engine.failures.length])
  figures.gauge('vigie_rules_paused', 'Rules that people have paused.', [paused.length])
  figures.gauge('vigie_rules_quarantined', 'Rules that are quarantined.', [engine.quarantined.length])
  if (engine.behind !== null)
    figures.gauge('vigie_engine_events_behind', 'Events that are yet to be evaluated.', [engine.behind])
  if (engine.now === null) return
  const { rules, pings, openRuns, stepsUnderWay, stepsQueued } = engine.now
  figures.gauge('vigie_rules', 'Rules in force.', [rules.length])
  figures.gauge('vigie_engine_open_runs', 'Runs that have not ended.', [openRuns])
  figures.gauge(
    'vigie_engine_steps',
    'Steps by what becomes of them.',
    [stepsUnderWay, { state: 'under way' }],
    [stepsQueued, { state: 'queued' }],
  )
  const known = pings.filter(({ state }) => state === 'up' || state === 'down')
  figures.gauge(
    'vigie_ping_up',
    'Whether the target of a ping is up (1) or down (0); absent while neither is known.',
    ...known.map(({ name, kind, state }) => [state === 'up' ? 1 : 0, { name, kind }] as const),
  )
  figures.gauge(
    'vigie_ping_latency_seconds',
    'How long the last good check took.',
    ...pings.flatMap(({ name, kind, latencyMs }) =>
      latencyMs === null ? [] : [[latencyMs / 1_000, { name, kind }] as const],
    ),
  )
}
