// Messages of QoS −1, from senders that are not connected (6.8). For the broker all of them come from one
// client, which is connected when the first comes; its rights are theirs.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Gate } from '../../model/gate.ts'
import { isFailure, reasonName } from '../../mqtt/reason-codes.ts'
import { topicNameProblem } from '../../topics/names.ts'
import { Line } from '../client/line.ts'
import type { MessageOf } from '../messages/messages.ts'
import type { Predefined } from '../topics/predefined.ts'
import { shortNameIn } from '../topics/short-name.ts'

/** How long nothing is taken after the broker has refused the client. */
const REFUSED_MS = 10_000

export interface NamelessOptions {
  readonly clock: Clock
  readonly log: Log
  readonly gate: Gate
  /** Under which the broker knows all senders. */
  readonly clientId: string
  /** Where the listener is. */
  readonly address: string
  readonly user: string | undefined
  readonly predefined: Predefined
}

export class Nameless {
  readonly #options: NamelessOptions
  #line: Line | null = null
  #refusedAt = -Infinity

  constructor(options: NamelessOptions) {
    this.#options = options
  }

  publish({ flags, topicId, data }: MessageOf<'publish'>): void {
    const topic =
      flags.topicType === 'predefined'
        ? this.#options.predefined.topicOf(topicId)
        : flags.topicType === 'short'
          ? shortNameIn(topicId)
          : undefined
    if (topic === undefined || topicNameProblem(topic) !== undefined) return
    this.#connected()?.send({
      type: 'publish',
      topic,
      payload: data,
      qos: 0,
      retain: flags.retain,
      dup: false,
    })
  }

  stop(): void {
    this.#line?.guest.close('stopped')
    this.#line = null
  }

  #connected(): Line | null {
    const { clock, log, gate, clientId, address, user } = this.#options
    if (this.#line !== null || clock.steady() - this.#refusedAt < REFUSED_MS) return this.#line
    const line = new Line({
      gate,
      address,
      user,
      onPacket: (packet) => {
        if (packet.type !== 'connack' || !isFailure(packet.reasonCode)) return
        this.#refusedAt = clock.steady()
        log.warn(`MQTT-SN: messages of QoS −1 are not taken: ${reasonName(packet.reasonCode)}.`)
      },
      onIdle: () => {},
      onEnd: () => {
        if (this.#line === line) this.#line = null
      },
    })
    line.connect({ clientId, clean: true, will: null })
    return (this.#line = line)
  }
}
