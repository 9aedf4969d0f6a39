// The will of one client: what it says at CONNECT (6.3), and how that changes later (6.4).

import type { Clock } from '../../base/clock.ts'
import type { GuestWill } from '../../model/gate.ts'
import { EMPTY } from '../../mqtt/bytes.ts'
import type { Message, MessageOf } from '../messages/messages.ts'
import { ReturnCode } from '../messages/return-codes.ts'
import type { SnSettings } from '../settings.ts'
import { WillPrompt, willOf } from './will-prompt.ts'

export interface WillOptions {
  readonly clock: Clock
  readonly settings: Pick<SnSettings, 'retryAfter' | 'retries'>
  readonly send: (message: Message) => void
  /** Tells the broker. `done` is called once that is committed, or with `false` if the client may not do it. */
  readonly change: (will: GuestWill | null, done: (isTaken: boolean) => void) => void
  /** The broker has taken the will; `null` for none. */
  readonly onTaken: (will: GuestWill | null) => void
  /** The topic is none on which a message can be published. */
  readonly onRefused: () => void
  /** The client was asked for its will, and does not answer. */
  readonly onUnanswered: () => void
}

export class Will {
  readonly #options: WillOptions
  #prompt: WillPrompt | null = null
  /** What the broker has taken. */
  #will: GuestWill | null = null

  constructor(options: WillOptions) {
    this.#options = options
  }

  /** Asks the client, and goes on with what it says. */
  ask(goOn: (will: GuestWill | null) => void): void {
    this.#prompt = new WillPrompt({
      ...this.#options,
      onWill: (will) => {
        this.#prompt = null
        goOn(will)
      },
    })
    this.#prompt.ask()
  }

  /** The client repeats its CONNECT: it has not heard the question. */
  askAgain(): void {
    this.#prompt?.ask()
  }

  stop(): void {
    this.#prompt?.stop()
  }

  /** The broker has taken this will. */
  taken(will: GuestWill | null): void {
    this.#will = will
    this.#options.onTaken(will)
  }

  /** Changes the will at the broker. */
  set(will: GuestWill | null, done: (isTaken: boolean) => void): void {
    this.#options.change(will, (isTaken) => {
      if (isTaken) this.taken(will)
      done(isTaken)
    })
  }

  /** Takes what a client says of its will. Returns `false` for any other message. */
  fromClient(message: Message): boolean {
    switch (message.type) {
      case 'willtopic':
        this.#prompt?.topic(message)
        return true
      case 'willmsg':
        this.#prompt?.message(message)
        return true
      case 'willtopicupd':
        this.#updateTopic(message)
        return true
      case 'willmsgupd':
        this.#updateMessage(message)
        return true
      default:
        return false
    }
  }

  #updateTopic({ flags, topic }: MessageOf<'willtopicupd'>): void {
    const answer = (isTaken: boolean): void =>
      this.#options.send({ type: 'willtopicresp', returnCode: codeOf(isTaken) })
    if (topic === '') return this.set(null, answer)
    const will = willOf({ flags, topic }, this.#will?.payload ?? EMPTY)
    if (will === undefined) answer(false)
    else this.set(will, answer)
  }

  #updateMessage({ message }: MessageOf<'willmsgupd'>): void {
    const answer = (isTaken: boolean): void =>
      this.#options.send({ type: 'willmsgresp', returnCode: codeOf(isTaken) })
    if (this.#will === null) answer(false)
    else this.set({ ...this.#will, payload: message }, answer)
  }
}

const codeOf = (isTaken: boolean): ReturnCode => (isTaken ? ReturnCode.accepted : ReturnCode.notSupported)
