// Publishes, once for each topic that a rule expects to speak, that the hub waits for it from now on:
// `<root>/expected/<rule>/<topic>`. The rule's timer begins with that message, and outlives restarts like any
// other.
//
// Always: a message is published before it is remembered that it was. A second one does no harm, since the
// topic is watched already.

import type { Log } from '../../base/log.ts'
import type { Publication } from '../../model/event.ts'
import type { RuleMemory } from './rule-memory.ts'

/** The name under which this is remembered. Rules cannot have it. */
const MEMORY = '@expected'

export interface ExpectationPorts {
  readonly log: Log
  readonly memory: RuleMemory
  /** Commits the memory. */
  readonly flush: () => Promise<void>
  readonly publish: (publication: Publication) => Promise<number>
}

export class Expectations {
  readonly #topics: ReadonlySet<string>
  readonly #ports: ExpectationPorts
  #told: Promise<unknown> = Promise.resolve()

  constructor(topics: readonly string[], ports: ExpectationPorts) {
    this.#topics = new Set(topics)
    this.#ports = ports
  }

  start(): void {
    const { memory, log } = this.#ports
    const known = new Set(memory.keysOf(MEMORY))
    for (const topic of known) if (!this.#topics.has(topic)) this.#remember(topic, false)
    const fresh = [...this.#topics].filter((topic) => !known.has(topic))
    this.#told = Promise.all(fresh.map((topic) => this.#tell(topic))).catch((error: unknown) =>
      log.error(
        { err: error },
        'The topics that rules expect to speak could not be published. The next start tries again.',
      ),
    )
  }

  async stop(): Promise<void> {
    await this.#told
  }

  async #tell(topic: string): Promise<void> {
    const publication = { topic, payload: Buffer.from('{}'), qos: 1, retain: false } as const
    await this.#ports.publish({ ...publication, origin: 'hub', cause: null })
    this.#remember(topic, true)
    await this.#ports.flush()
  }

  #remember(topic: string, isTold: boolean): void {
    this.#ports.memory.keep({ rule: MEMORY, key: topic }, { state: isTold ? {} : null, wakeAt: null })
  }
}
