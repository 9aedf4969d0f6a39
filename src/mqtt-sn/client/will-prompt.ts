// Asks a client that connects with the Will flag for its will (6.3): topic, then message.

import type { Clock } from '../../base/clock.ts'
import type { GuestWill } from '../../model/gate.ts'
import { EMPTY } from '../../mqtt/bytes.ts'
import { topicNameProblem } from '../../topics/names.ts'
import type { Message, MessageOf } from '../messages/messages.ts'
import type { SnSettings } from '../settings.ts'
import { Retry } from './retry.ts'

export interface WillPromptOptions {
  readonly clock: Clock
  readonly settings: Pick<SnSettings, 'retryAfter' | 'retries'>
  readonly send: (message: Message) => void
  /** The client has said what its will is; `null` for none. */
  readonly onWill: (will: GuestWill | null) => void
  /** The topic is none on which a message can be published. */
  readonly onRefused: () => void
  /** The client does not answer. */
  readonly onUnanswered: () => void
}

export class WillPrompt {
  readonly #options: WillPromptOptions
  readonly #retry: Retry
  #topic: Omit<GuestWill, 'payload'> | null = null

  constructor(options: WillPromptOptions) {
    this.#options = options
    this.#retry = new Retry(options.clock, options.settings)
  }

  /** Asks for what is not known yet; also again, when the client repeats its CONNECT. */
  ask(): void {
    const { send, onUnanswered } = this.#options
    const message = { type: this.#topic === null ? 'willtopicreq' : 'willmsgreq' } as const
    send(message)
    this.#retry.start(() => send(message), onUnanswered)
  }

  topic(message: MessageOf<'willtopic'>): void {
    if (message.topic === '') return this.#end(null)
    const will = willOf(message, EMPTY)
    if (will === undefined) {
      this.stop()
      return this.#options.onRefused()
    }
    this.#topic = will
    this.ask()
  }

  message({ message }: MessageOf<'willmsg'>): void {
    if (this.#topic !== null) this.#end({ ...this.#topic, payload: message })
  }

  stop(): void {
    this.#retry.stop()
  }

  #end(will: GuestWill | null): void {
    this.stop()
    this.#options.onWill(will)
  }
}

/** `undefined` if nothing can be published so. */
export function willOf(
  { flags, topic }: Pick<MessageOf<'willtopic'>, 'flags' | 'topic'>,
  payload: Buffer,
): GuestWill | undefined {
  if (flags === undefined || flags.qos === -1 || topicNameProblem(topic) !== undefined) return undefined
  return { topic, payload, qos: flags.qos, retain: flags.retain }
}
