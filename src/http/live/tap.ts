// One page's messages as they come: so many a second are sent, all are counted. A message costs a look at its
// topic's taps; its bytes are copied only when it is sent.

import type { Rights } from '../../model/access.ts'
import type { Origin } from '../../model/event.ts'
import type { ObservedMessage } from '../../model/observer.ts'
import { topicMatches } from '../../topics/matches.ts'
import { sentPayload } from './sent-payload.ts'
import type { LiveMessage, MessagesFrame, MessagesWanted } from './views.ts'

/** So much of a payload is sent; the rest is asked for. */
const SENT_BYTES = 4_096

/** How many messages a frame searches for a text at most: searching is dear, and all share this thread. */
const SEARCHED_A_FRAME = 2_000

const NOTHING_HIDDEN = (): boolean => false

export class Tap {
  readonly #filter: string
  readonly #text: string
  readonly #perSecond: number
  /** Messages that may be sent now: a second's worth at most. */
  #room: number
  #refilledAt: number
  #seen = 0
  #searched = 0
  #unsearched = 0
  #messages: LiveMessage[] = []

  readonly #sees: Rights | null

  /** @param sees what the caller may receive; `null`: everything */
  constructor({ filter, text = '', perSecond }: MessagesWanted, now: number, sees: Rights | null = null) {
    this.#sees = sees
    this.#filter = filter
    this.#text = text.toLowerCase()
    this.#perSecond = perSecond
    this.#room = perSecond
    this.#refilledAt = now
  }

  matches(topic: string): boolean {
    if (!topicMatches(this.#filter, topic, NOTHING_HIDDEN)) return false
    return this.#sees === null || this.#sees.mayReceive(topic)
  }

  take(topic: string, message: ObservedMessage, origin: Origin, client: string | null, at: number): void {
    if (this.#text !== '' && !this.#contains(topic, message)) return
    this.#seen++
    if (this.#room < 1) return
    this.#room--
    const { draft, event, qos, retain } = message
    const { payload, payloadStart, payloadEnd } = draft
    const bytes = payloadEnd - payloadStart
    const sent = payload.subarray(payloadStart, payloadStart + Math.min(bytes, SENT_BYTES))
    const isCut = bytes > SENT_BYTES
    this.#messages.push({
      topic,
      at,
      event,
      qos,
      retain,
      origin,
      client,
      payload: sentPayload(sent, isCut),
      bytes,
    })
  }

  /** What came since the last frame; `null`: nothing. */
  frame(now: number): MessagesFrame | null {
    const refill = ((now - this.#refilledAt) * this.#perSecond) / 1_000
    this.#room = Math.min(this.#perSecond, this.#room + Math.max(0, refill))
    this.#refilledAt = now
    this.#searched = 0
    if (this.#seen === 0 && this.#unsearched === 0) return null
    const frame: MessagesFrame = {
      kind: 'messages',
      seen: this.#seen,
      messages: this.#messages,
      unsearched: this.#unsearched,
    }
    this.#seen = 0
    this.#unsearched = 0
    this.#messages = []
    return frame
  }

  #contains(topic: string, { draft }: ObservedMessage): boolean {
    if (topic.toLowerCase().includes(this.#text)) return true
    if (this.#searched === SEARCHED_A_FRAME) {
      this.#unsearched++
      return false
    }
    this.#searched++
    const { payload, payloadStart, payloadEnd } = draft
    const end = Math.min(payloadEnd, payloadStart + SENT_BYTES)
    return payload.toString('utf8', payloadStart, end).toLowerCase().includes(this.#text)
  }
}
