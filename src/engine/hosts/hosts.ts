// The other machines of a hub: what belongs to each is told to its agent, and what is known of their probes is
// read from what the agents have said.

import { randomUUID } from 'node:crypto'
import { answered, whyAway } from '../../actions/on-host.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/printable.ts'
import { version } from '../../base/version.ts'
import type { Publication } from '../../model/event.ts'
import { HOST_PROTOCOL, hostTopic } from '../../model/host.ts'
import type { AgentReport, HostDeclarations, HostOrder } from '../../model/host.ts'
import { hubMessage, jsonIn } from '../../model/hub-message.ts'
import type { PingReport, PingSpec, PingStatus } from '../../model/probe.ts'
import { MISSING } from '../../model/watch.ts'
import type {
  ShortageReport,
  WatchedProcesses,
  WatchSpec,
  WatchStatus,
  WatchView,
} from '../../model/watch.ts'
import { agentReport, watchedProcesses } from '../../rules/compile/host-shape.ts'

export interface HostPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  /** Resolves when committed. */
  readonly publish: (publication: Publication) => Promise<number>
  /** Payload of the newest known message on a topic. */
  readonly last: (topic: string) => Uint8Array | undefined
}

export interface OnHosts {
  readonly hosts: readonly string[]
  /** Of all machines. */
  readonly pings: readonly PingSpec[]
  readonly watches: readonly WatchSpec[]
}

/** How long an agent has to tell what its watches look at. */
const VIEW_MS = 3_000

export class Hosts {
  readonly #hosts: readonly string[]
  readonly #pings: readonly (PingSpec & { readonly host: string })[]
  readonly #watches: readonly (WatchSpec & { readonly host: string })[]
  readonly #ports: HostPorts
  readonly #stopping = new AbortController()
  #declaring: Promise<unknown> | undefined

  constructor({ hosts, pings, watches }: OnHosts, ports: HostPorts) {
    this.#hosts = hosts
    this.#pings = pings.filter(
      (ping): ping is PingSpec & { readonly host: string } => ping.host !== undefined,
    )
    this.#watches = watches.filter(
      (watch): watch is WatchSpec & { readonly host: string } => watch.host !== undefined,
    )
    this.#ports = ports
  }

  start(): void {
    this.#declaring = Promise.all(this.#hosts.map((host) => this.#declare(host)))
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the hub stops'))
    await this.#declaring
  }

  /** The pings of other machines, as they were last heard of. */
  pings(): readonly PingStatus[] {
    const away = this.#away()
    return this.#pings.map(({ name, host, target }) => {
      const said = jsonIn(this.#last(`ping/${name}`)) as Partial<PingReport> | null | undefined
      const why = away.get(host) ?? this.#report(host)?.refused[name]
      const { state = 'unknown', since = null, latencyMs = null, reason = '', mutedBy = null } = said ?? {}
      return {
        name,
        host,
        kind: target.kind,
        state: why === undefined ? state : 'unknown',
        since,
        latencyMs,
        reason: why ?? reason,
        checkedAt: null,
        nextAt: null,
        mutedBy,
        isUnable: why !== undefined || state === 'unknown',
      }
    })
  }

  watches(): readonly WatchStatus[] {
    const away = this.#away()
    return this.#watches.map(({ name, host }) => {
      const report = this.#report(host)
      const shortage = jsonIn(this.#last(`process/${name}/${MISSING}`)) as
        | Partial<ShortageReport>
        | null
        | undefined
      const problem = away.get(host) ?? report?.refused[name] ?? report?.problem ?? ''
      return { name, host, problem, hasGivenUp: shortage?.state === 'given-up' }
    })
  }

  /** What the watches of other machines look at now, as far as their agents answer. */
  async view(): Promise<WatchedProcesses> {
    const statuses = this.watches()
    const views = await Promise.all(
      this.#hosts.map(async (host) => {
        const own = statuses.filter((status) => status.host === host)
        return own.length === 0 ? { watches: [], zombies: [] } : this.#viewOf(host, own)
      }),
    )
    return {
      watches: views.flatMap(({ watches }) => watches),
      zombies: views.flatMap(({ zombies }) => zombies),
    }
  }

  async #viewOf(host: string, statuses: readonly WatchStatus[]): Promise<WatchedProcesses> {
    const seen = whyAway(this.#ports, host) === undefined ? await this.#ask(host) : undefined
    const byName = new Map(seen?.watches.map((watch) => [watch.name, watch]))
    const watches = statuses.map((status): WatchView => {
      const view = byName.get(status.name)
      if (view !== undefined) return { ...view, host }
      const problem = status.problem === '' ? `the agent of "${host}" does not answer` : status.problem
      return { ...status, problem, attempt: null, count: 0, processes: [] }
    })
    return { watches, zombies: seen?.zombies.map((zombie) => Object.assign(zombie, { host })) ?? [] }
  }

  async #ask(host: string): Promise<WatchedProcesses | undefined> {
    const { root, clock, publish } = this.#ports
    const timeout = new AbortController()
    const cancel = clock.after(VIEW_MS, () => timeout.abort(new Error('it has not answered')))
    const order: HostOrder = { kind: 'processes', key: randomUUID() }
    const signal = AbortSignal.any([timeout.signal, this.#stopping.signal])
    try {
      await publish({
        ...hubMessage(hostTopic(root, host, 'orders'), order),
        properties: { messageExpiryInterval: Math.ceil(VIEW_MS / 1_000) },
      })
      const outcome = await answered(this.#ports, host, { key: order.key, attempt: 1 }, signal)
      return outcome.kind === 'done' ? watchedProcesses.safeParse(outcome.result).data : undefined
    } catch {
      return undefined
    } finally {
      cancel()
    }
  }

  /** Published anew only where it has changed: each time, the agent begins its probes again. */
  async #declare(host: string): Promise<void> {
    const { root, log, publish, last } = this.#ports
    const isOf = (probe: { readonly host: string }): boolean => probe.host === host
    const topic = hostTopic(root, host, 'declared')
    const declarations: HostDeclarations = {
      protocol: HOST_PROTOCOL,
      version: version(),
      pings: this.#pings.filter(isOf),
      watches: this.#watches.filter(isOf),
    }
    const message = hubMessage(topic, declarations, { retain: true })
    if (Buffer.from(last(topic) ?? []).equals(message.payload)) return
    try {
      await publish(message)
    } catch (error) {
      log.error({ host }, `The agent of "${host}" was not told what belongs to it: ${messageOf(error)}`)
    }
  }

  #away(): ReadonlyMap<string, string> {
    return new Map(
      this.#hosts.flatMap((host) => {
        const why = whyAway(this.#ports, host)
        return why === undefined ? [] : [[host, why] as const]
      }),
    )
  }

  #report(host: string): AgentReport | undefined {
    const { root, last } = this.#ports
    return agentReport.safeParse(jsonIn(last(hostTopic(root, host, 'agent')))).data
  }

  #last(topic: string): Uint8Array | undefined {
    return this.#ports.last(`${this.#ports.root}/${topic}`)
  }
}
