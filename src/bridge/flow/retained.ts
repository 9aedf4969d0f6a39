// Retained messages that the far side may not have: those from before the bridge was there, and those whose
// events history forgot. They are sent some at a time, before any event.

import type { BridgeChange, OwedRetained } from '../../model/bridge.ts'
import type { QoS } from '../../model/event.ts'
import type { Draft, FarSide, OutgoingPorts } from './outgoing.ts'
import { outgoing } from './outgoing.ts'

const AT_ONCE = 500

/** A retained message to be sent, with the moment when it was published. */
export interface RetainedDraft {
  /** The local topic. */
  readonly topic: string
  readonly draft: Draft
  readonly at: number
}

export interface RetainedPorts extends OutgoingPorts {
  readonly now: () => number
  readonly append: (change: BridgeChange) => number
  readonly committedId: () => number
  readonly owedRetained: (limit: number) => Promise<OwedRetained[]>
  readonly acknowledgedUpTo: () => number
  /** Takes what is to be sent next; nothing when the far side has all. */
  readonly take: (drafts: readonly RetainedDraft[]) => void
  /** Called when a query fails. */
  readonly failed: (error: unknown) => void
}

export class RetainedFirst {
  readonly #ports: RetainedPorts
  #state: 'owed' | 'asked' | 'sending' | 'none' = 'owed'
  #far: FarSide | null = null
  #underWay = 0
  #mark = 0

  constructor(ports: RetainedPorts) {
    this.#ports = ports
  }

  /** Whether the far side has all that was retained. */
  get isDone(): boolean {
    return this.#state === 'none'
  }

  /**
   * There is a new connection.
   * @param mark to be committed before retained messages are looked for
   */
  begin(far: FarSide, mark: number): void {
    this.#far = far
    this.#state = 'owed'
    this.#mark = mark
    this.#underWay = 0
  }

  /** The connection is gone: what is owed is looked for on the next one. */
  end(): void {
    this.#far = null
  }

  /** Looks for what is owed, when all of the last look has been acknowledged. */
  pump(): void {
    const far = this.#far
    const { committedId, owedRetained, failed } = this.#ports
    if (this.#state === 'sending' && this.#underWay === 0) this.#state = 'owed'
    if (far === null || this.#state !== 'owed' || this.#mark > committedId()) return
    this.#state = 'asked'
    owedRetained(AT_ONCE).then(
      (owed) => this.#take(owed, far),
      (error: unknown) => {
        this.#state = 'owed'
        failed(error)
      },
    )
  }

  /** The far side has acknowledged one, or it is left out. */
  finish(topic: string): void {
    this.#underWay--
    this.#has(topic)
  }

  #take(owed: readonly OwedRetained[], far: FarSide): void {
    if (this.#far !== far) return
    this.#state = owed.length === 0 ? 'none' : 'sending'
    const drafts: RetainedDraft[] = []
    for (const each of owed) {
      const draft = this.#draft(each, far)
      if (draft === null) {
        this.#has(each.topic)
        continue
      }
      this.#underWay++
      const qos = Math.min(draft.qos, 1) as QoS
      drafts.push({ topic: each.topic, draft: { ...draft, qos }, at: each.message?.at ?? 0 })
    }
    this.#ports.take(drafts)
  }

  /** `null`: the far side has it already, or will get it with its event, or is not to have it. */
  #draft({ topic, message }: OwedRetained, far: FarSide): Draft | null {
    const now = this.#ports.now()
    if (message !== null && message.isEvent && message.event > this.#ports.acknowledgedUpTo()) return null
    const { at, payload, qos, properties } = message ?? {
      at: now,
      payload: new Uint8Array(0),
      qos: 1,
      properties: null,
    }
    const made = outgoing(
      {
        id: undefined,
        topic,
        payload,
        qos: qos === 0 ? 1 : qos,
        retain: true,
        origin: 'live',
        client: null,
        cause: null,
        properties,
        at,
      },
      this.#ports,
      far,
      now,
    )
    return made !== null && 'draft' in made && made.draft.retain ? made.draft : null
  }

  #has(topic: string): void {
    const { append, settings } = this.#ports
    this.#mark = append({ kind: 'bridge-retained', bridge: settings.name, topic })
  }
}
