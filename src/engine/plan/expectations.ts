// Publishes, once for each topic that a rule expects to speak, that the hub waits for it from now on:
// `<root>/expected/<rule>/<topic>`. The rule's timer begins with that message, and outlives restarts like any
// other.
//
// Always: a message is published before it is remembered that it was. A second one does no harm, since the
// topic is watched already.

import type { Log } from '../../base/log.ts'
import type { Publication } from '../../model/event.ts'
import type { Expectation } from '../../rules/compile/compile-rule.ts'
import type { RuleMemory } from './rule-memory.ts'

/** The name under which this is remembered. Rules cannot have it. */
const MEMORY = '@expected'

export interface ExpectationPorts {
  readonly log: Log
  readonly memory: RuleMemory
  /** Commits the memory. */
  readonly flush: () => Promise<void>
  readonly publish: (publication: Publication) => Promise<number>
  /** Whether a rule is paused: what it expects is said when it is resumed. */
  readonly isPaused: (rule: string) => boolean
}

export class Expectations {
  readonly #expected: readonly Expectation[]
  readonly #ports: ExpectationPorts
  #told: Promise<unknown> = Promise.resolve()

  constructor(expected: readonly Expectation[], ports: ExpectationPorts) {
    this.#expected = expected
    this.#ports = ports
  }

  start(): void {
    const topics = new Set(this.#expected.map(({ topic }) => topic))
    for (const topic of this.#known) if (!topics.has(topic)) this.#remember(topic, false)
    this.#tellOf(this.#expected)
  }

  /** Called when the pause of a rule is over. */
  resumed(rule: string): void {
    this.#tellOf(this.#expected.filter((each) => each.rule === rule))
  }

  #tellOf(expected: readonly Expectation[]): void {
    const { isPaused, log } = this.#ports
    const known = this.#known
    const fresh = expected.filter(({ rule, topic }) => !known.has(topic) && !isPaused(rule))
    const telling = Promise.all(fresh.map(({ topic }) => this.#tell(topic))).catch((error: unknown) =>
      log.error(
        { err: error },
        'The topics that rules expect to speak could not be published. The next start tries again.',
      ),
    )
    this.#told = Promise.all([this.#told, telling])
  }

  get #known(): ReadonlySet<string> {
    return new Set(this.#ports.memory.keysOf(MEMORY))
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
