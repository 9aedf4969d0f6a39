// Who gets what is published on a topic, and who wants to know: worked out once per topic, and looked up by
// its bytes from then on, until a subscription or the rules' interest changes.

import type { Rights } from '../../model/access.ts'
import { isOfAgents } from '../../model/host.ts'
import { checkTopicName } from '../../mqtt/bytes.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Hides } from '../../topics/hidden.ts'
import { topicMatches } from '../../topics/matches.ts'
import { isBridgeState, isShared, levelCount, parseSubscription, quote } from '../../topics/names.ts'
import { RouteCache } from '../../topics/route-cache.ts'
import { TopicTree } from '../../topics/tree.ts'
import type { Limits } from '../bounds/limits.ts'
import { SUBSCRIPTION_WORK, type Turns } from '../bounds/turns.ts'
import { mayReceive } from '../session/rights.ts'
import type { Session, Subscription } from '../session/session.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import { Share } from '../session/share.ts'
import { type Target, targetOf } from '../session/target.ts'

/** The answer for one topic. */
export interface Routing {
  readonly topic: string
  readonly topicBytes: Buffer
  readonly targets: readonly Target[]
  /** Each of these gives the message to one of its members. */
  readonly shares: readonly Share[]
  /** Whether history takes what is published here. */
  readonly recorded: boolean
  /** Whether a rule may fire on it, or a bridge may send it on. */
  readonly wanted: boolean
  /** Whether a session that outlives its connection has asked for it at QoS 1 or 2. */
  readonly owed: boolean
  /** Whether only the hub itself may publish here. */
  readonly closed: boolean
  /** Whether it is for commands, or for agents: only those publish here whose permissions name the topic. */
  readonly command: boolean
  /** Who may publish here, as far as that was asked. */
  publishers: WeakMap<Rights, boolean> | null
  /** See `ObservedTopic`. */
  observed: object | null
}

/** Who reads events in the journal, apart from history. */
export type Interested = 'rules' | 'bridges'

export interface RoutesOptions {
  readonly limits: Limits
  /** First level of the topics that only the hub may publish on. */
  readonly root: string
  /** What clients do not reach by a wildcard in the first level. */
  readonly hides: Hides
  readonly isRecorded: (topic: string) => boolean
  readonly journal: SessionJournal
  /** Is told what a look-up costs that was not remembered. */
  readonly turns: Turns
}

const REMOVED_AT_ONCE = 250

export class Routes {
  readonly #options: RoutesOptions
  readonly #tree: TopicTree<Session, Subscription>
  readonly #shares: TopicTree<string, Share>
  #shared = 0
  readonly #cache = new RouteCache<Routing>({ resolve: (topic) => this.#take(topic) })
  readonly #interest = new Map<Interested, TopicTree<string, true>>()

  constructor(options: RoutesOptions) {
    this.#options = options
    this.#tree = new TopicTree(options.hides)
    this.#shares = new TopicTree(options.hides)
  }

  get subscriptions(): number {
    return this.#tree.size + this.#shared
  }

  /** How many of the subscriptions are to a share. */
  get sharedSubscriptions(): number {
    return this.#shared
  }

  /**
   * The routing of the topic whose bytes lie there. Throws an MqttError or a TopicError if no message may
   * have it.
   */
  lookup(bytes: Buffer, start: number, end: number): Routing {
    return this.#cache.lookup(bytes, start, end).answer
  }

  of(topic: string): Routing {
    const bytes = Buffer.from(topic)
    return this.lookup(bytes, 0, bytes.length)
  }

  /**
   * The routing of a topic that the hub has taken before: it stays good when the limits have been lowered
   * since.
   */
  ofTaken(topic: string): Routing {
    return this.#problem(topic, Buffer.byteLength(topic)) === undefined ? this.of(topic) : this.once(topic)
  }

  /**
   * The routing of a topic that is the hub's own or was taken before, and is asked for too seldom to be
   * remembered.
   */
  once(topic: string): Routing {
    return this.#resolve(topic, Buffer.from(topic))
  }

  /** Returns whether the session did not have this filter before. */
  add(subscription: Subscription): boolean {
    this.#cache.bump()
    if (isShared(subscription.filter)) return this.#join(subscription)
    return this.#tree.set(subscription.filter, subscription.session, subscription) // [MQTT-3.8.4-3]
  }

  remove(subscription: Subscription): void {
    this.#cache.bump()
    if (isShared(subscription.filter)) this.#part(subscription)
    else this.#tree.delete(subscription.filter, subscription.session)
  }

  /**
   * Takes a session out that has ended: it is nobody's member and gets nothing from now on. Its subscriptions
   * go a few at a time, as many sessions that have many may end together.
   */
  leave(session: Session): void {
    const left = session.subscriptions.takeAll()
    if (left.length === 0) return
    for (const subscription of left) if (isShared(subscription.filter)) this.#part(subscription)
    this.#cache.bump()
    this.#removeSome(left.values())
  }

  #removeSome(left: Iterator<Subscription>): void {
    const { turns } = this.#options
    for (let count = 0; count < REMOVED_AT_ONCE; count++) {
      const { done, value } = left.next()
      if (done === true) return
      this.remove(value)
    }
    turns.spend(REMOVED_AT_ONCE * SUBSCRIPTION_WORK)
    turns.wait(() => this.#removeSome(left))
  }

  /** Whether a subscription, also one that is not among the routes, brings messages of a topic. */
  reaches(subscription: string, topic: string): boolean {
    return topicMatches(parseSubscription(subscription).filter, topic, this.#options.hides)
  }

  /** The shared subscription of this text, if it has a member. */
  share(text: string): Share | undefined {
    const { group, filter } = parseSubscription(text)
    return this.#shares.get(filter, group!)
  }

  /** A session has begun, or ceased, to outlive its connection. */
  refresh(): void {
    this.#cache.bump()
  }

  /** The filters whose events rules or bridges want to see, instead of all earlier ones. */
  setInterest(who: Interested, filters: readonly string[]): void {
    const interest = new TopicTree<string, true>(who === 'bridges' ? this.#options.hides : undefined)
    for (const filter of filters) interest.set(filter, '', true)
    this.#interest.set(who, interest)
    this.#cache.bump()
  }

  #join(subscription: Subscription): boolean {
    const { group, filter } = parseSubscription(subscription.filter)
    const share = this.#shares.get(filter, group!) ?? new Share(subscription.filter, this.#options.journal)
    this.#shares.set(filter, group!, share)
    const isNew = share.set({ ...targetOf([subscription]), via: share })
    if (isNew) this.#shared++
    return isNew
  }

  #part({ session, filter: text }: Subscription): void {
    const { group, filter } = parseSubscription(text)
    const share = this.#shares.get(filter, group!)
    if (share?.delete(session) !== true) return
    this.#shared--
    if (share.isEmpty) this.#shares.delete(filter, group!)
  }

  #take(topic: string): Routing {
    const bytes = Buffer.from(topic)
    checkTopicName(bytes, 0, bytes.length, 'PUBLISH: the topic name')
    const problem = this.#problem(topic, bytes.length)
    if (problem !== undefined) throw new MqttError(ReasonCode.TopicNameInvalid, problem)
    return this.#resolve(topic, bytes)
  }

  #resolve(topic: string, topicBytes: Buffer): Routing {
    const { root, isRecorded, turns } = this.#options
    const own = this.#isOwn(topic)
    const command = own && (topic.startsWith(`${root}/commands/`) || isOfAgents(root, topic))
    const matching = new Map<Session, Subscription[]>()
    const work = this.#tree.match(topic, (subscription, session) => {
      if (session.ended || !mayReceive(session.pass, topic)) return
      const others = matching.get(session)
      if (others === undefined) matching.set(session, [subscription])
      else others.push(subscription)
    })
    turns.spend(work)
    const targets = Array.from(matching.values(), targetOf)
    const shares = this.#shares.collect(topic)
    return {
      topic,
      topicBytes,
      targets,
      shares,
      recorded: isRecorded(topic),
      wanted: [...this.#interest.values()].some((interest) => interest.collect(topic).length > 0),
      owed:
        targets.some(({ session, qos }) => qos > 0 && session.outlives) || shares.some(({ owes }) => owes),
      // Whoever subscribes to $share/… asks for something else: nobody would ever get it.
      closed: (own && !command && !isBridgeState(topic)) || isShared(topic),
      command,
      publishers: null,
      observed: null,
    }
  }

  #isOwn(topic: string): boolean {
    return [this.#options.root, '$SYS'].some((level) => topic === level || topic.startsWith(`${level}/`))
  }

  /** Which limit the topic is beyond, in a sentence. */
  #problem(topic: string, bytes: number): string | undefined {
    const { topicBytes, topicLevels } = this.#options.limits
    const levels = levelCount(topic)
    // The hub's own topics are as long as the client ids and names that they hold.
    if ((bytes <= topicBytes && levels <= topicLevels) || this.#isOwn(topic)) return undefined
    return (
      `PUBLISH: the topic name ${quote(topic)} has ${bytes} bytes in ${levels} levels; ` +
      `the limits are ${topicBytes} and ${topicLevels}.`
    )
  }
}
