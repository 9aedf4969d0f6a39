// All bridges of a hub, and its membership of a shared subscription: composed, started, asked, stopped.

import type { Remote } from '../base/calls.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { BridgeChange, BridgeStatus, StoredBridge, StoredBridges } from '../model/bridge.ts'
import type { Publication } from '../model/event.ts'
import type { Queries } from '../model/queries.ts'
import type { EventLog } from '../model/store.ts'
import { hidesRoot } from '../topics/hidden.ts'
import { AmqpBridge } from './amqp/amqp-bridge.ts'
import type { AmqpSettings } from './amqp/settings.ts'
import { Bridge, type BridgePorts } from './bridge.ts'
import { Condition } from './condition.ts'
import type { Arrival } from './flow/inward.ts'
import { Mapping } from './messages/mapping.ts'
import { type BridgeAlerts, Reports } from './reports.ts'
import type { BridgeSettings } from './settings.ts'

/** How often the store is asked what a bridge that is down has lost. */
const LOOK_MS = 30_000

export interface BridgesPorts {
  readonly clock: Clock
  readonly log: Log
  readonly root: string
  readonly hiddenRoot: string | null
  readonly stored: StoredBridges
  readonly eventLog: Pick<EventLog, 'committedId' | 'lastId' | 'onCommitted'>
  readonly append: (change: BridgeChange) => number
  readonly queries: Remote<Pick<Queries, 'bridgePage' | 'bridgeLost' | 'owedRetained' | 'eventsOf'>>
  /** See `InwardPorts.publish`. */
  readonly take: (arrival: Arrival) => number
  readonly publish: (publication: Publication) => Promise<number>
  /** Tells the broker which topics the bridges want to have in the journal. */
  readonly setInterest: (filters: readonly string[]) => void
  readonly alerts: BridgeAlerts
}

/** Settings of an MQTT bridge, and why its topics cannot go over MQTT 3.1.1. */
export interface ConfiguredMqtt extends BridgeSettings {
  readonly type: 'mqtt'
  readonly echoProblem: string | undefined
}

export interface ConfiguredAmqp extends AmqpSettings {
  readonly type: 'amqp'
  /** Names the bridge in `$SYS`. */
  readonly clientId: string
}

export type ConfiguredBridge = ConfiguredMqtt | ConfiguredAmqp

export interface Bridges {
  start(): void
  status(): readonly BridgeStatus[]
  stop(): Promise<void>
}

export function openBridges(configured: readonly ConfiguredBridge[], ports: BridgesPorts): Bridges {
  const { clock, log, root, hiddenRoot, stored, eventLog, append, queries, publish } = ports
  const hides = { out: hidesRoot(hiddenRoot), in: hidesRoot(root) }
  const before = new Map(stored.bridges.map((each) => [each.name, each]))
  for (const name of before.keys())
    if (!configured.some((each) => each.name === name)) append({ kind: 'bridge-ended', bridge: name })
  const interest: string[] = []
  const all = configured.map((settings) => {
    const { name } = settings
    const filters =
      settings.type === 'amqp'
        ? [...new Set(settings.out.map(({ from, filter }) => from + filter))]
        : new Mapping(settings.topics, hides).outFilters
    interest.push(...filters)
    const from = eventLog.lastId
    append({ kind: 'bridge-opened', bridge: name, filters, from })
    const tell = (): void => reports.tell(bridge.status, () => bridge.status)
    const condition = new Condition({ name, clock, log, changed: tell })
    const reports = new Reports(
      {
        clock,
        root,
        alerts: ports.alerts,
        publish: (publication) =>
          void publish(publication).catch((error: unknown) =>
            log.error({ err: error }, `The state of the bridge "${name}" could not be published.`),
          ),
      },
      settings.clientId,
      settings.alertAfter,
    )
    const bridgePorts: BridgePorts = {
      clock,
      log,
      condition,
      hubId: stored.hubId,
      hides,
      stored: before.get(name) ?? newBridge(name, from),
      append,
      committedId: () => eventLog.committedId,
      lastEventId: () => eventLog.lastId,
      page: (after, limit, bytes) =>
        queries.bridgePage({ bridge: name, filters, hiddenRoot, after, limit, bytes }),
      owedRetained: (limit) => queries.owedRetained({ bridge: name, limit }),
      eventsOf: (ids) => queries.eventsOf(ids),
      publish: ports.take,
      echoProblem: settings.type === 'mqtt' ? settings.echoProblem : undefined,
    }
    const bridge: Bridge | AmqpBridge =
      settings.type === 'amqp' ? new AmqpBridge(settings, bridgePorts) : new Bridge(settings, bridgePorts)
    return { bridge, condition, reports, tell }
  })
  ports.setInterest(interest)
  eventLog.onCommitted(() => {
    for (const { bridge } of all) bridge.committed()
  })

  let cancelLook = (): void => {}
  const look = (): void => {
    cancelLook = clock.after(LOOK_MS, look)
    for (const { bridge, condition } of all)
      queries.bridgeLost(bridge.settings.name).then(
        (count) => condition.lose(count),
        () => {}, // The reader is stopping, or starts anew with the next question.
      )
  }
  return {
    start() {
      for (const { bridge, tell } of all) {
        tell()
        bridge.start()
      }
      look()
    },
    status: () => all.map(({ bridge }) => bridge.status),
    async stop() {
      cancelLook()
      await Promise.all(all.map(({ bridge }) => bridge.stop()))
      for (const { reports } of all) reports.stop()
    },
  }
}

const newBridge = (name: string, acknowledgedUpTo: number): StoredBridge => ({
  name,
  acknowledgedUpTo,
  sent: [],
  received: [],
  subscribed: [],
})
