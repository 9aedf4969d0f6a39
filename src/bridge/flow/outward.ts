// What goes out over a bridge. It reads the journal behind a cursor, sends what the topics of the bridge
// match, and moves the cursor when the far side has acknowledged. So a crash, a cut or a day without the far
// side loses nothing that history still has, and what was acknowledged is not sent again.
//
// Always: a QoS 2 message is sent only when the journal has its packet id, and its PUBREL only when the
// journal has that too. So its handshake goes on where it was after a crash of the hub, and it arrives once.
// Retained messages that the far side may not have go first: those from before the bridge was there, and
// those whose events history forgot.

import type { Clock } from '../../base/clock.ts'
import type { BridgeChange, BridgeDrop, OwedRetained, StoredBridge } from '../../model/bridge.ts'
import type { Event, QoS } from '../../model/event.ts'
import type { BridgePage } from '../../model/queries.ts'
import type { AckPacket } from '../../mqtt/acks.ts'
import { encodePublish } from '../../mqtt/publish.ts'
import { isFailure, ReasonCode, reasonName } from '../../mqtt/reason-codes.ts'
import type { Link } from '../link/link.ts'
import { MOST_MESSAGE_IDS } from '../link/subscribing.ts'
import { Cursor } from './cursor.ts'
import { aged, type Draft, type FarSide, outgoing, type OutgoingPorts } from './outgoing.ts'

const PAGE_EVENTS = 512
const PAGE_BYTES = 2 ** 20
/** The next page is fetched when so few messages of the last one are left. */
const LOW_WATER = 128
const RETAINED_AT_ONCE = 500
/** So many events that were none of the bridge's move the stored cursor. */
const LAZY_EVENTS = 10_000

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

/** What was agreed on for one connection. */
export interface Terms extends FarSide {
  readonly link: Link
  readonly sessionPresent: boolean
  readonly window: number
  readonly maximumPacketSize: number
}

interface Item {
  /** 0 for a retained message that is sent on its own account. */
  readonly event: number
  /** The local topic of such a message. */
  readonly retainedTopic: string | null
  readonly draft: Draft
  /** When the message was published: its expiry is reckoned anew when it is sent. */
  readonly at: number
  readonly qos: QoS
  /** 0 until it is sent at QoS 1; given beforehand at QoS 2. */
  packetId: number
  /** It is sent when this mark is committed. */
  readonly mark: number
  isRepeated: boolean
}

export class Outward {
  readonly #ports: OutwardPorts
  readonly #cursor: Cursor
  /** Events of QoS 2 that an earlier hub has sent: the page brings them again. */
  readonly #sentBefore: Set<number>
  #terms: Terms | null = null
  /** Waiting to be sent, oldest first. */
  #queue: Item[] = []
  /** Sent and not acknowledged, by packet id, in the order of sending. */
  readonly #underWay = new Map<number, Item>()
  /** QoS 2: the far side has received it, and PUBREL is due when the mark is committed. */
  #releases: { readonly packetId: number; readonly mark: number; isSent: boolean }[] = []
  readonly #released = new Map<number, number>()
  #lastPacketId = 0
  #isFetching = false
  #isAll = false
  #retained: 'owed' | 'asked' | 'sending' | 'none' = 'owed'
  #retainedUnderWay = 0
  #retainedMark = 0
  #storedUpTo: number
  #progressMark = 0
  /** Something was acknowledged, or left out, that the stored cursor does not say. */
  #isProgressDue = false
  #far: FarSide = { hubId: undefined, maximumQos: 2, retainAvailable: true }
  #isRestored = false

  constructor(ports: OutwardPorts) {
    const { acknowledgedUpTo, sent } = ports.stored
    this.#ports = ports
    this.#cursor = new Cursor(acknowledgedUpTo)
    this.#storedUpTo = acknowledgedUpTo
    this.#sentBefore = new Set(sent.map(({ event }) => event))
    for (const { event, packetId, released } of sent)
      if (released && packetId > 0) this.#release(packetId, event, 0)
  }

  get acknowledgedUpTo(): number {
    return this.#cursor.acknowledgedUpTo
  }

  /** Whether a message is known of that the far side does not have. */
  get hasWork(): boolean {
    return this.#queue.length > 0 || this.#underWay.size > 0 || this.#released.size > 0
  }

  /** Whether the far side has all that the journal holds for it. */
  get isIdle(): boolean {
    return !this.hasWork && this.#isAll && !this.#isFetching && this.#retained === 'none'
  }

  /**
   * Goes on over a new connection: first with what was under way.
   * @param retainedAfter the mark that is to be committed before retained messages are looked for
   */
  connected(terms: Terms, retainedAfter: number): void {
    this.#terms = terms
    this.#far = terms
    this.#retained = 'owed'
    this.#retainedMark = retainedAfter
    for (const release of this.#releases) release.isSent = false
    // [MQTT-4.4.0-1]
    const repeated = [...this.#underWay.values()].filter((item) => item.retainedTopic === null)
    for (const item of repeated) item.isRepeated = terms.sessionPresent
    this.#underWay.clear()
    this.#retainedUnderWay = 0
    this.#queue = [...repeated, ...this.#queue.filter((item) => item.retainedTopic === null)]
    this.#pump()
  }

  disconnected(): void {
    this.#terms = null
  }

  /** Something was committed: there may be more to send, and what waited for the commit goes on. */
  committed(): void {
    this.#isAll = false
    this.#storeProgress()
    this.#pump()
  }

  room(): void {
    this.#pump()
  }

  acknowledge({ type, packetId, reasonCode }: AckPacket): void {
    const item = this.#underWay.get(packetId)
    if (type === 'pubcomp') {
      const event = this.#released.get(packetId)
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
    this.#release(packetId, event, mark)
  }

  #release(packetId: number, event: number, mark: number): void {
    this.#released.set(packetId, event)
    this.#releases.push({ packetId, mark, isSent: false })
  }

  #completed(packetId: number, event: number): void {
    this.#released.delete(packetId)
    this.#releases = this.#releases.filter((each) => each.packetId !== packetId)
    this.#ports.append({ ...this.#change('bridge-done'), event, packetId })
    this.#ports.sent()
    this.#acknowledged(event)
  }

  #finish(item: Item, isTaken: boolean): void {
    this.#underWay.delete(item.packetId)
    if (isTaken) this.#ports.sent()
    if (item.retainedTopic !== null) {
      this.#hasRetained(item.retainedTopic)
      this.#retainedUnderWay--
      return
    }
    if (item.qos === 2)
      this.#ports.append({ ...this.#change('bridge-done'), event: item.event, packetId: item.packetId })
    this.#acknowledged(item.event)
  }

  #acknowledged(event: number): void {
    this.#cursor.acknowledged(event)
    this.#isProgressDue = true
    this.#storeProgress()
  }

  /** At most one change is on its way to the journal, so a busy bridge adds one to each commit. */
  #storeProgress(): void {
    const upTo = this.#cursor.acknowledgedUpTo
    const least = this.#isProgressDue ? 1 : LAZY_EVENTS
    if (this.#progressMark > this.#ports.committedId() || upTo - this.#storedUpTo < least) return
    this.#isProgressDue = false
    this.#progressMark = this.#ports.append({ ...this.#change('bridge-progressed'), upTo })
    this.#storedUpTo = upTo
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
      this.#sendReleases(terms)
      while (this.#queue.length > 0 && this.#mayTake(terms, this.#queue[0]!)) this.#send(terms)
      this.#sendRetained(terms)
    }
    void this.#fetch()
  }

  #mayTake({ link, window }: Terms, { qos, mark }: Item): boolean {
    if (mark > this.#ports.committedId() || !link.hasRoom) return false
    // [MQTT-3.3.4-7]: what is released still counts.
    return qos === 0 || this.#underWay.size + this.#released.size < window
  }

  #sendReleases({ link }: Terms): void {
    for (const release of this.#releases) {
      if (release.isSent) continue
      if (release.mark > this.#ports.committedId()) return
      release.isSent = true
      link.send({ type: 'pubrel', packetId: release.packetId, reasonCode: 0 })
    }
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
    if (this.#underWay.has(packetId) || this.#released.has(packetId)) return true
    return this.#queue.some((item) => item.packetId === packetId)
  }

  async #fetch(): Promise<void> {
    const isEnough = this.#queue.length > LOW_WATER || (this.#terms === null && this.#queue.length > 0)
    if (this.#isFetching || this.#isAll || isEnough || this.#retained !== 'none') return
    this.#isFetching = true
    // Set before the question: what is committed meanwhile asks again.
    this.#isAll = true
    try {
      if (!this.#isRestored) await this.#restore()
      const page = await this.#ports.page(this.#cursor.lookedUpTo, PAGE_EVENTS, PAGE_BYTES)
      this.#take(page)
    } catch (error) {
      this.#isAll = false
      this.#isFetching = false
      return this.#ports.failed(error)
    }
    this.#isFetching = false
    this.#pump()
    return undefined
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
        items.push({
          event: id,
          retainedTopic: null,
          draft: made.draft,
          at: event.at,
          qos: 2,
          packetId,
          mark: 0,
          isRepeated: true,
        })
      // The message is gone, or must not be sent any more: the far side forgets its packet id.
      else this.#release(packetId, id, 0)
    }
    const open = [...items.map(({ event }) => event), ...this.#released.values()]
    this.#cursor.take(
      open.toSorted((a, b) => a - b),
      0,
    )
    this.#queue.unshift(...items)
    this.#isRestored = true
  }

  #take({ events, upTo, isAll, lost }: BridgePage): void {
    const { settings, clock, dropped } = this.#ports
    const now = clock.now()
    const items: Item[] = []
    for (const event of events) {
      if (this.#sentBefore.delete(event.id)) continue
      const made = outgoing(event, this.#ports, this.#far, now)
      if (made === null) continue
      if ('drop' in made) {
        dropped(made.drop, event.topic)
        // Until the cursor is stored, history would count the message as lost.
        this.#isProgressDue = true
        continue
      }
      const { draft } = made
      let packetId = 0
      let mark = 0
      if (draft.qos === 2) {
        packetId = this.#freePacketId()
        mark = this.#ports.append({ kind: 'bridge-sent', bridge: settings.name, event: event.id, packetId })
      }
      const item = {
        event: event.id,
        retainedTopic: null,
        draft,
        at: event.at,
        qos: draft.qos,
        packetId,
        mark,
      }
      items.push({ ...item, isRepeated: false })
      this.#queue.push(items.at(-1)!)
    }
    this.#cursor.take(
      items.map(({ event }) => event),
      upTo,
    )
    // Something may have been committed since the question.
    this.#isAll &&= isAll
    this.#ports.lost(lost)
    this.#storeProgress()
  }

  /** Sends the retained messages that the far side may not have, some at a time, before any event. */
  #sendRetained(terms: Terms): void {
    if (this.#retained === 'sending' && this.#retainedUnderWay === 0) this.#retained = 'owed'
    if (this.#retained !== 'owed' || this.#retainedMark > this.#ports.committedId()) return
    this.#retained = 'asked'
    this.#ports.owedRetained(RETAINED_AT_ONCE).then(
      (owed) => this.#takeRetained(owed, terms),
      (error: unknown) => {
        this.#retained = 'owed'
        this.#ports.failed(error)
      },
    )
  }

  #takeRetained(owed: readonly OwedRetained[], terms: Terms): void {
    if (this.#terms !== terms) return
    this.#retained = owed.length === 0 ? 'none' : 'sending'
    for (const each of owed) {
      const draft = this.#retainedDraft(each)
      if (draft === null) this.#hasRetained(each.topic)
      else {
        this.#retainedUnderWay++
        const qos = Math.min(draft.qos, 1) as QoS
        const at = each.message?.at ?? 0
        const item = { event: 0, retainedTopic: each.topic, draft: { ...draft, qos }, at, qos }
        this.#queue.push({ ...item, packetId: 0, mark: 0, isRepeated: false })
      }
    }
    this.#pump()
  }

  /** `null`: the far side has it already, or will get it with its event, or is not to have it. */
  #retainedDraft({ topic, message }: OwedRetained): Draft | null {
    if (message !== null && message.isEvent && message.event > this.#cursor.acknowledgedUpTo) return null
    const { at, payload, qos, properties } = message ?? {
      at: this.#ports.clock.now(),
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
      this.#far,
      this.#ports.clock.now(),
    )
    return made !== null && 'draft' in made && made.draft.retain ? made.draft : null
  }

  #hasRetained(topic: string): void {
    this.#retainedMark = this.#ports.append({ ...this.#change('bridge-retained'), topic })
  }
}
