// Keeps what Home Assistant is told of the hub equal to what the hub retains: looks at both, publishes what is missing or
// different, clears what is gone. So nothing is sent twice, and nothing is left behind by a crash or a restart.

import type { Remote } from '../base/calls.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'
import type { Publication } from '../model/event.ts'
import { hubClears, hubMessage } from '../model/hub-message.ts'
import type { Queries } from '../model/queries.ts'
import type { RetainedMessage } from '../model/store.ts'
import { availabilityTopic, entityFilter, entityOf, filtersOf } from './entities.ts'
import type { DescribedHub } from './entities.ts'

export interface DiscoveryPorts {
  readonly hub: DescribedHub
  /** Whether clients of the broker are told of. */
  readonly clients: boolean
  readonly clock: Pick<Clock, 'after'>
  readonly log: Log
  readonly queries: Remote<Pick<Queries, 'retained'>>
  /** Calls the listener after each commit, until the returned function is called. */
  readonly onCommit: (listener: () => void) => () => void
  /** Resolves when the message is committed. */
  readonly publish: (publication: Publication) => Promise<number>
}

/** A hub with thousands of clients is looked through in some milliseconds: not after each commit. */
const PACE_MS = 2_000
const PAGE = 1_000

export class Discovery {
  readonly #ports: DiscoveryPorts
  #off = (): void => {}
  #cancel: (() => void) | undefined
  #working: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(ports: DiscoveryPorts) {
    this.#ports = ports
  }

  /** Looks at once, and from then on after commits. */
  start(): void {
    this.#off = this.#ports.onCommit(() => this.#soon(PACE_MS))
    this.#soon(0)
  }

  /** Says that the hub is gone; what describes it stays. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#off()
    this.#cancel?.()
    await this.#working
    await this.#put(this.#saysThat('offline'))
  }

  #soon(delayMs: number): void {
    if (this.#isStopped) return
    this.#cancel ??= this.#ports.clock.after(delayMs, () => {
      this.#working = this.#look().finally(() => {
        this.#cancel = undefined
      })
    })
  }

  async #look(): Promise<void> {
    const { hub } = this.#ports
    try {
      const wanted = new Map<string, Publication>()
      const is = this.#saysThat('online')
      wanted.set(is.topic, is)
      for (const filter of filtersOf(hub.root))
        for (const { topic } of await this.#retained(filter)) {
          if (!this.#ports.clients && topic.startsWith(`${hub.root}/clients/`)) continue
          const entity = entityOf(topic, hub)
          if (entity) wanted.set(entity.topic, hubMessage(entity.topic, entity.config, { retain: true }))
        }
      await this.#bring(wanted, [
        ...(await this.#retained(entityFilter(hub))),
        ...(await this.#retained(is.topic)),
      ])
    } catch (error) {
      this.#ports.log.error(`Home Assistant could not be told what there is: ${messageOf(error)}`)
    }
  }

  /** Publishes what is wanted and not there, and clears what is there and not wanted. */
  async #bring(wanted: ReadonlyMap<string, Publication>, there: readonly RetainedMessage[]): Promise<void> {
    const known = new Map(there.map(({ topic, payload }) => [topic, Buffer.from(payload)]))
    for (const [topic, publication] of wanted)
      if (known.get(topic)?.equals(Buffer.from(publication.payload)) !== true) await this.#put(publication)
    for (const topic of known.keys()) if (!wanted.has(topic)) await this.#put(hubClears(topic))
  }

  async #put(publication: Publication): Promise<void> {
    try {
      await this.#ports.publish(publication)
    } catch (error) {
      this.#ports.log.error(`${publication.topic} was not published: ${messageOf(error)}`)
    }
  }

  #saysThat(state: 'online' | 'offline'): Publication {
    const topic = availabilityTopic(this.#ports.hub.root)
    return { ...hubMessage(topic, {}, { retain: true }), payload: Buffer.from(state) }
  }

  async #retained(filter: string): Promise<RetainedMessage[]> {
    const found: RetainedMessage[] = []
    for (let after: string | undefined; ;) {
      const page = await this.#ports.queries.retained({
        filter,
        hiddenRoot: null,
        limit: PAGE,
        ...(after !== undefined && { after }),
      })
      found.push(...page)
      after = page.at(-1)?.topic
      if (page.length < PAGE) return found
    }
  }
}
