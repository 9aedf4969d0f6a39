// What goes out over a bridge. It reads the journal behind a cursor, sends what the topics of the bridge
// match, and moves the cursor when the far side has acknowledged. So a crash, a cut or a day without the far
// side loses nothing that history still has, and what was acknowledged is not sent again.
//
// Always: a QoS 2 message is sent only when the journal has its packet id, and its PUBREL only when the
// journal has that too. So its handshake goes on where it was after a crash of the hub, and it arrives once.

import type { Clock } from '../../base/clock.ts'
import type { BridgeChange, BridgeDrop, OwedRetained, StoredBridge } from '../../model/bridge.ts'
import type { Event } from '../../model/event.ts'
import type { BridgedEvent, BridgePage } from '../../model/queries.ts'
import type { AckPacket } from '../../mqtt/acks.ts'
import { encodePublish } from '../../mqtt/publish.ts'
import { isFailure, ReasonCode, reasonName } from '../../mqtt/reason-codes.ts'
import { MOST_MESSAGE_IDS } from '../link/subscribing.ts'
import { type Item, plainItem } from './item.ts'
import { aged, type FarSide, outgoing, type OutgoingPorts } from './outgoing.ts'
import { Reading } from './reading.ts'
import { Releases } from './releases.ts'
import { RetainedFirst } from './retained.ts'
import type { Terms } from './terms.ts'

/** The next page is fetched when so few messages of the last one are left. */
const LOW_WATER = 128

export interface OutwardPorts extends OutgoingPorts {
  readonly clock: Clock
  readonly stored: StoredBridge
  /** Takes a change and returns its mark. */
  readonly append: (change: BridgeChange) => number
  readonly committedId: () => number
  readonly page: (after: number, limit: number, bytes: number) => Promise<BridgePage>
  readonly owedRetained: (limit: number) => Promise<OwedRetained[]>
  readonly eventsOf: (ids: readonly number[]) => Promise<Event[]>
  readonly dropped: (reason: BridgeDrop, topic: string, detail?: string) => void
  /** The far side has acknowledged a message. */
  readonly sent: () => void
  readonly lost: (count: number) => void
  /** Called when a query fails. */
  readonly failed: (error: unknown) => void
  /** Called when there is something to send, and no connection. */
  readonly wanted: () => void
}

export class Outward {
  readonly #ports: OutwardPorts
  readonly #reading: Reading
  readonly #retained: RetainedFirst
  readonly #releases = new Releases()
  /** Events of QoS 2 that an earlier hub has sent: the page brings them again. */
  readonly #sentBefore: Set<number>
  #terms: Terms | null = null
  /** Waiting to be sent, oldest first. */
  #queue: Item[] = []
  /** Sent and not acknowledged, by packet id, in the order of sending. */
  readonly #underWay = new Map<number, Item>()
  #lastPacketId = 0
  #far: FarSide = { hubId: undefined, maximumQos: 2, retainAvailable: true }
  #isRestored = false

  constructor(ports: OutwardPorts) {
    const { clock, page, settings, stored } = ports
    this.#ports = ports
    this.#reading = new Reading({
      ...ports,
      bridge: settings.name,
      acknowledgedUpTo: stored.acknowledgedUpTo,
      page: async (...asked) => {
        if (!this.#isRestored) await this.#restore()
        return page(...asked)
      },
    })
    this.#retained = new RetainedFirst({
      ...ports,
      now: () => clock.now(),
      acknowledgedUpTo: () => this.acknowledgedUpTo,
      take: (drafts) => {
        for (const { topic, draft, at } of drafts)
          this.#queue.push({ ...plainItem(draft, at), event: 0, retainedTopic: topic })
        this.#pump()
      },
    })
    this.#sentBefore = new Set(stored.sent.map(({ event }) => event))
    for (const { event, packetId, released } of stored.sent)
      if (released && packetId > 0) this.#releases.add(packetId, event, 0)
  }

  get acknowledgedUpTo(): number {
    return this.#reading.acknowledgedUpTo
  }

  /** Whether a message is known of that the far side does not have. */
  get hasWork(): boolean {
    return this.#queue.length > 0 || this.#underWay.size > 0 || this.#releases.size > 0
  }

  /** Whether the far side has all that the journal holds for it. */
  get isIdle(): boolean {
    return !this.hasWork && this.#reading.isAtEnd && this.#retained.isDone
  }

  /**
   * Goes on over a new connection: first with what was under way.
   * @param retainedAfter the mark that is to be committed before retained messages are looked for
   */
  connected(terms: Terms, retainedAfter: number): void {
    this.#terms = terms
    this.#far = terms
    this.#retained.begin(terms, retainedAfter)
    this.#releases.begin()
    // [MQTT-4.4.0-1]
    const repeated = [...this.#underWay.values()].filter((item) => item.retainedTopic === null)
    for (const item of repeated) item.isRepeated = terms.sessionPresent
    this.#underWay.clear()
    this.#queue = [...repeated, ...this.#queue.filter((item) => item.retainedTopic === null)]
    this.#pump()
  }

  disconnected(): void {
    this.#terms = null
    this.#retained.end()
  }

  /** Something was committed: there may be more to send, and what waited for the commit goes on. */
  committed(): void {
    this.#reading.committed()
    this.#pump()
  }

  room(): void {
    this.#pump()
  }

  acknowledge({ type, packetId, reasonCode }: AckPacket): void {
    const item = this.#underWay.get(packetId)
    if (type === 'pubcomp') {
      const event = this.#releases.complete(packetId)
      if (event !== undefined) this.#completed(packetId, event)
    } else if (item === undefined) return
    else if (reasonCode === ReasonCode.QuotaExceeded)
      this.#terms?.link.cut(`it takes no more for now: ${reasonName(reasonCode)}`)
    else if (isFailure(reasonCode)) {
      this.#ports.dropped('refused', item.draft.topic, reasonName(reasonCode))
      this.#finish(item, false)
    } else if (type === 'puback' && item.qos === 1) this.#finish(item, true)
    else if (type === 'pubrec' && item.qos === 2) this.#received(item)
    this.#pump()
  }

  /** The far side has a QoS 2 message: PUBREL follows. */
  #received({ event, packetId }: Item): void {
    this.#underWay.delete(packetId)
    const mark = this.#ports.append({ ...this.#change('bridge-released'), event, packetId })
    this.#releases.add(packetId, event, mark)
  }

  #completed(packetId: number, event: number): void {
    this.#ports.append({ ...this.#change('bridge-done'), event, packetId })
    this.#ports.sent()
    this.#reading.acknowledged(event)
  }

  #finish(item: Item, isTaken: boolean): void {
    this.#underWay.delete(item.packetId)
    if (isTaken) this.#ports.sent()
    if (item.retainedTopic !== null) return this.#retained.finish(item.retainedTopic)
    if (item.qos === 2)
      this.#ports.append({ ...this.#change('bridge-done'), event: item.event, packetId: item.packetId })
    this.#reading.acknowledged(item.event)
  }

  #change<Kind extends BridgeChange['kind']>(kind: Kind): { readonly kind: Kind; readonly bridge: string } {
    return { kind, bridge: this.#ports.settings.name }
  }

  /** Sends as much as may be under way, and fetches what comes next. */
  #pump(): void {
    const terms = this.#terms
    if (terms === null) {
      if (this.hasWork) this.#ports.wanted()
    } else {
      this.#releases.send(this.#ports.committedId(), (packetId) =>
        terms.link.send({ type: 'pubrel', packetId, reasonCode: 0 }),
      )
      while (this.#queue.length > 0 && this.#mayTake(terms, this.#queue[0]!)) this.#send(terms)
      this.#retained.pump()
    }
    this.#fetch()
  }

  #mayTake({ link, window }: Terms, { qos, mark }: Item): boolean {
    if (mark > this.#ports.committedId() || !link.hasRoom) return false
    // [MQTT-3.3.4-7]: what is released still counts.
    return qos === 0 || this.#underWay.size + this.#releases.size < window
  }

  #send({ link, maximumPacketSize }: Terms): void {
    const item = this.#queue.shift()!
    const { qos, isRepeated } = item
    const draft = aged(item.draft, this.#ports.clock.now() - item.at)
    if (draft === undefined) {
      this.#ports.dropped('expired', item.draft.topic)
      // The far side may have a message that was sent before: it is to forget its packet id.
      return qos === 2 && isRepeated ? this.#received(item) : this.#finish(item, false)
    }
    if (qos > 0 && item.packetId === 0) item.packetId = this.#freePacketId()
    const { packetId } = item
    const packet = { ...draft, dup: qos > 0 && isRepeated, ...(qos > 0 && { packetId }) }
    const bytes = encodePublish(packet, link.version)
    if (bytes.length > maximumPacketSize) {
      // [MQTT-3.2.2-15]
      this.#ports.dropped('too-large', draft.topic)
      return this.#finish(item, false)
    }
    if (qos > 0) this.#underWay.set(packetId, item)
    link.sendBytes(bytes)
    if (qos === 0) this.#finish(item, true)
  }

  #freePacketId(): number {
    do this.#lastPacketId = (this.#lastPacketId % MOST_MESSAGE_IDS) + 1
    while (this.#isTaken(this.#lastPacketId))
    return this.#lastPacketId
  }

  #isTaken(packetId: number): boolean {
    if (this.#underWay.has(packetId) || this.#releases.has(packetId)) return true
    return this.#queue.some((item) => item.packetId === packetId)
  }

  #fetch(): void {
    const isEnough = this.#queue.length > LOW_WATER || (this.#terms === null && this.#queue.length > 0)
    if (isEnough || !this.#retained.isDone) return
    void this.#reading.next((events) => this.#take(events)).then((isMore) => isMore && this.#pump())
  }

  /** Takes up what an earlier hub has sent at QoS 2. */
  async #restore(): Promise<void> {
    const begun = this.#ports.stored.sent.filter(({ packetId, released }) => packetId > 0 && !released)
    const events = new Map(
      (await this.#ports.eventsOf(begun.map(({ event }) => event))).map((e) => [e.id, e]),
    )
    const items: Item[] = []
    for (const { event: id, packetId } of begun) {
      const event = events.get(id)
      const made = event && outgoing(event, this.#ports, this.#far, this.#ports.clock.now())
      if (made && 'draft' in made)
        items.push({ ...plainItem(made.draft, event.at), event: id, qos: 2, packetId, isRepeated: true })
      // The message is gone, or must not be sent any more: the far side forgets its packet id.
      else this.#releases.add(packetId, id, 0)
    }
    const open = [...items.map(({ event }) => event), ...this.#releases.events]
    this.#reading.takeUp(open.toSorted((a, b) => a - b))
    this.#queue.unshift(...items)
    this.#isRestored = true
  }

  #take(events: readonly BridgedEvent[]): readonly number[] {
    const { settings, clock, dropped, append } = this.#ports
    const now = clock.now()
    const taken: number[] = []
    for (const event of events) {
      if (this.#sentBefore.delete(event.id)) continue
      const made = outgoing(event, this.#ports, this.#far, now)
      if (made === null) continue
      if ('drop' in made) {
        dropped(made.drop, event.topic)
        this.#reading.leftOut()
        continue
      }
      const item = { ...plainItem(made.draft, event.at), event: event.id }
      taken.push(event.id)
      if (item.qos < 2) this.#queue.push(item)
      else {
        const packetId = this.#freePacketId()
        const mark = append({ kind: 'bridge-sent', bridge: settings.name, event: event.id, packetId })
        this.#queue.push({ ...item, packetId, mark })
      }
    }
    return taken
  }
}
