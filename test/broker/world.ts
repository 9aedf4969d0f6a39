// A hub for the models, which can die and be followed by another on the same journal. What was not committed then is gone.

import { vi } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { type ModelClient, settle } from './model-client.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

export interface Published {
  readonly payload: string
  /** Only what is committed is owed to anybody. */
  isKept: boolean
}

export class World {
  readonly clock = new ManualClock(0)
  hub!: TestBroker
  #published = 0
  /** The journal commits only when it is told to. */
  readonly #isSlow: boolean

  constructor(isSlow: boolean) {
    this.#isSlow = isSlow
  }

  async start(): Promise<this> {
    this.hub = await startTestBroker({ clock: this.clock })
    if (this.#isSlow) this.hub.eventLog.commits = 'by hand'
    return this
  }

  /** What the dead hub had sent and nobody has read is lost on the way. */
  async restart(clients: readonly ModelClient[]): Promise<void> {
    const eventLog = this.hub.eventLog.committed()
    const sessions = eventLog.sessionLog.stored()
    const retained = eventLog.retained()
    for (const client of clients) client.lose()
    await this.hub.broker.stop()
    this.hub = await startTestBroker({
      eventLog,
      clock: this.clock,
      sessions,
      retained,
      diedAt: this.clock.now(),
    })
    if (this.#isSlow) eventLog.commits = 'by hand'
  }

  /** The hub knows that nobody is there. */
  async noticed(): Promise<void> {
    await vi.waitUntil(() => this.hub.broker.stats().connections === 0, { interval: 1 })
  }

  async commit(): Promise<void> {
    this.hub.eventLog.commit()
    await settle()
  }

  /** Meanwhile everything is committed at once: what is asked for needs an answer. */
  async answered(asking: () => Promise<void>): Promise<void> {
    const { eventLog } = this.hub
    eventLog.commits = 'at once'
    eventLog.commit()
    await asking()
    if (this.#isSlow) eventLog.commits = 'by hand'
  }

  async publish(topic: string, qos: 1 | 2, retain = false): Promise<Published> {
    const message = { payload: String(this.#published++), isKept: false }
    const { broker } = this.hub
    const publication = {
      topic,
      payload: Buffer.from(message.payload),
      qos,
      retain,
      origin: 'hub',
      cause: null,
    } as const
    const kept = broker.publish(publication).then(() => (message.isKept = true))
    if (this.#isSlow) await settle()
    else await kept
    return message
  }

  /** All come back, and go on until nothing is left to do. */
  async finish(clients: readonly ModelClient[]): Promise<void> {
    await this.answered(async () => {
      for (const client of clients) await client.connect(this.hub.port)
      for (let round = 0; round < 3; round++) for (const client of clients) await client.finish()
    })
    await this.hub.broker.stop()
  }
}
