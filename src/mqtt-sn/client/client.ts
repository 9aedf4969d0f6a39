// One MQTT-SN client, from its CONNECT to its end.
//
//   prompted ── WILLTOPIC, WILLMSG ──▶ joining ── the broker accepts ──▶ active
//   active, asleep, awake ── DISCONNECT with a length ──▶ asleep ── PINGREQ ──▶ awake ── all is sent ──▶ asleep
//   asleep, awake ── CONNECT ──▶ active
//   any ── DISCONNECT, silence, an order of the broker ──▶ ended
//
// Always: the broker has one connection for the client, from `joining` to `ended`. While the client sleeps,
// its messages of QoS 1 and 2 wait in its session; those of QoS 0 wait here.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'
import type { Gate, GuestDrop, GuestWill } from '../../model/gate.ts'
import { isFailure, ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Packet } from '../../mqtt/packet.ts'
import { encode } from '../messages/codec.ts'
import type { Message, MessageOf } from '../messages/messages.ts'
import { ReturnCode } from '../messages/return-codes.ts'
import type { SnSettings } from '../settings.ts'
import type { Predefined } from '../topics/predefined.ts'
import { LAST_ID } from '../topics/predefined-file.ts'
import { TopicIds } from '../topics/topic-ids.ts'
import { Allowance } from './allowance.ts'
import { Downlink } from './downlink.ts'
import { Line } from './line.ts'
import { Patience } from './patience.ts'
import { returnCodeOf, Uplink } from './uplink.ts'
import { WillPrompt, willOf } from './will-prompt.ts'

/** A session that outlives its connection does so for ever, as in MQTT 3.1.1. */
const NEVER_EXPIRES = 0xffff_ffff

export type SnState = 'prompted' | 'joining' | 'active' | 'asleep' | 'awake' | 'ended'

export interface SnClientOptions {
  readonly clock: Clock
  readonly log: Log
  readonly settings: SnSettings
  readonly gate: Gate
  /** The host of the client, with its node behind a forwarder. */
  readonly address: string
  readonly predefined: Predefined
  readonly connect: MessageOf<'connect'>
  /** What the client left when it went, if its session outlived that; see `wills.ts`. */
  readonly keptWill: GuestWill | null
  /** Whether the session, if there is one, was left by a stranger. */
  readonly wasLeft: boolean
  readonly send: (datagram: Buffer) => void
  /** From 0 up to 1. Ids are drawn by lot, so that whoever names one has heard it. */
  readonly random: () => number
  /** The will of the client is another one now. */
  readonly onWill: (will: GuestWill | null) => void
  /** The client has shown that it hears the hub at its address. */
  readonly onProven: () => void
  /**
   * The client has ended.
   * @param forget ends the session that a stranger has left; `null` if there is none, or it is not the stranger's
   */
  readonly onEnd: (client: SnClient, forget: (() => void) | null) => void
}

export class SnClient {
  readonly #options: SnClientOptions
  readonly #topicIds: TopicIds
  readonly #uplink: Uplink
  readonly #downlink: Downlink
  readonly #patience: Patience
  readonly #allowance = new Allowance()
  #prompt: WillPrompt | null = null
  #line: Line | null = null
  #state: SnState = 'joining'
  /** The CONNECT that was accepted, while nothing else has come: the next like it is a repeat. */
  #connect: MessageOf<'connect'>
  #hasSpoken = false
  #leavesAtOnce = false
  #sleepSeconds = 0
  #will: GuestWill | null = null
  /** Whether presence says that the client is awake. */
  #hasWoken = false
  #hasWarned = false

  constructor(options: SnClientOptions) {
    const { clock, settings, gate, connect, predefined, random } = options
    this.#options = options
    this.#connect = connect
    this.#patience = new Patience(clock, () => this.#lose())
    this.#topicIds = new TopicIds(predefined, 1 + Math.floor(random() * LAST_ID), settings.topicIds)
    const send = (message: Message): void => this.#send(message)
    const tell = (packet: Packet): boolean => this.#line?.send(packet) ?? false
    const onHeard = (): void => this.#prove()
    this.#uplink = new Uplink({
      topicIds: this.#topicIds,
      send,
      tell,
      packetBytes: gate.packetBytes,
      onHeard,
    })
    this.#downlink = new Downlink({
      clock,
      random,
      settings,
      topicIds: this.#topicIds,
      send,
      tell: (packet) => void tell(packet),
      drop: (reason, topic) => this.#drop(reason, topic),
      isDoubtful: () => this.#allowance.isSpent,
      onHeard,
      onEmpty: () => this.#sleepAgain(),
      onUnanswered: () => this.#giveUp(),
    })
  }

  get clientId(): string {
    return this.#connect.clientId
  }

  get state(): SnState {
    return this.#state
  }

  /** Begins with the CONNECT that made the client. */
  start(): void {
    const { connect, keptWill } = this.#options
    const { flags, duration } = connect
    this.#patience.begin(duration)
    if (flags.will) this.#askForWill((will) => this.#join(will))
    else this.#join(flags.clean ? null : keptWill)
  }

  /** @param bytes the length of the datagram */
  heard(bytes: number): void {
    this.#patience.heard()
    this.#allowance.received(bytes)
  }

  /**
   * Takes a CONNECT from the client's address. Returns `false` if it begins another connection: then this one
   * has ended.
   */
  connectAgain(connect: MessageOf<'connect'>): boolean {
    const isSame = connect.clientId === this.clientId
    const isRepeat = isSame && !this.#hasSpoken && isSameConnect(connect, this.#connect)
    if (isRepeat) {
      if (this.#state === 'prompted') this.#prompt?.ask()
      else if (this.#state === 'active') this.#connack(ReturnCode.accepted)
      return true
    }
    const sleeps = this.#state === 'asleep' || this.#state === 'awake'
    if (isSame && sleeps && !connect.flags.clean) {
      this.#return(connect)
      return true
    }
    // A client that slept was expected; one that was active is replaced, which releases its will.
    if (sleeps) this.#leave()
    else this.#end('kicked')
    return false
  }

  /** Takes any message but CONNECT. Returns `false` if the client may not say so now. */
  handle(message: Message): boolean {
    switch (message.type) {
      case 'willtopic':
        this.#prompt?.topic(message)
        return true
      case 'willmsg':
        this.#prompt?.message(message)
        return true
      case 'disconnect':
        this.#disconnect(message)
        return true
      default:
        // Before the end of CONNECT nothing else counts; the client says it again.
        if (this.#state === 'prompted' || this.#state === 'joining') return true
        this.#hasSpoken = true
        return this.#handleJoined(message)
    }
  }

  /** The client has to make room: a stranger that goes with the session that it has brought. */
  evict(): void {
    this.#close('kicked', this.#isStrangersSession())
  }

  /** The hub stops. */
  stop(): void {
    this.#close('stopped')
  }

  #close(departure: 'kicked' | 'stopped', isForgotten = false): void {
    if (this.#state === 'ended') return
    this.#send({ type: 'disconnect', duration: undefined })
    this.#end(departure, isForgotten)
  }

  #handleJoined(message: Message): boolean {
    switch (message.type) {
      case 'publish':
        this.#uplink.publish(message)
        return true
      case 'pubrel':
        this.#uplink.pubrel(message)
        return true
      case 'register':
        this.#uplink.register(message)
        return true
      case 'subscribe':
        this.#uplink.subscribe(message)
        return true
      case 'unsubscribe':
        this.#uplink.unsubscribe(message)
        return true
      case 'regack':
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        this.#downlink[message.type](message as never)
        return true
      case 'pingreq':
        return this.#ping(message)
      case 'pingresp':
        return true
      case 'willtopicupd':
        this.#updateWillTopic(message)
        return true
      case 'willmsgupd':
        this.#updateWillMessage(message)
        return true
      default:
        return false
    }
  }

  // ── connect ────────────────────────────────────────────────────────────────────────────────────

  #askForWill(go: (will: GuestWill | null) => void): void {
    const { clock, settings } = this.#options
    const state = this.#state
    this.#state = 'prompted'
    this.#prompt = new WillPrompt({
      clock,
      settings,
      send: (message) => this.#send(message),
      onWill: (will) => {
        this.#prompt = null
        this.#state = state
        go(will)
      },
      onRefused: () => {
        this.#connack(ReturnCode.notSupported)
        this.#end('kicked')
      },
      onUnanswered: () => this.#end('keepalive'),
    })
    this.#prompt.ask()
  }

  /** Connects to the broker, as a client of MQTT 5.0. */
  #join(will: GuestWill | null): void {
    const { gate, address, settings, connect } = this.#options
    const { clientId, flags } = connect
    this.#will = will
    this.#state = 'joining'
    this.#line = new Line({
      gate,
      address,
      user: settings.user,
      onPacket: (packet) => this.#onPacket(packet),
      onIdle: () => this.#sleepAgain(),
      onEnd: () => this.#onLineEnd(),
    })
    this.#line.send({
      type: 'connect',
      version: 5,
      bridge: false,
      clean: flags.clean,
      keepAlive: 0,
      clientId,
      ...(will !== null && { will }),
      properties: { sessionExpiryInterval: flags.clean ? 0 : NEVER_EXPIRES, receiveMaximum: 1 },
    })
  }

  #onPacket(packet: Packet): void {
    if (this.#state === 'ended') return
    switch (packet.type) {
      case 'connack':
        return this.#onConnack(packet.reasonCode)
      case 'publish':
        return this.#downlink.publish(packet)
      case 'pubrel':
        return this.#downlink.release(packet.packetId)
      case 'puback':
      case 'pubrec':
        return this.#uplink.acknowledged(packet.type, packet.packetId, packet.reasonCode)
      case 'pubcomp':
        return this.#uplink.completed(packet.packetId)
      case 'suback':
        return this.#uplink.subscribed(packet.packetId, packet.reasonCodes[0]!)
      case 'unsuback':
        return this.#uplink.unsubscribed(packet.packetId)
      default: // DISCONNECT is followed by the end of the line.
    }
  }

  #onConnack(reasonCode: ReasonCode): void {
    this.#connack(returnCodeOf(reasonCode))
    if (isFailure(reasonCode)) return // the broker ends the line
    this.#state = 'active'
    this.#keepWill(this.#will)
    if (this.#leavesAtOnce) this.#leave()
    else this.#downlink.open()
  }

  /** A client that slept is back, and goes on with its session. */
  #return(connect: MessageOf<'connect'>): void {
    this.#connect = connect
    this.#hasSpoken = false
    this.#downlink.close()
    this.#topicIds.clear()
    this.#patience.begin(connect.duration)
    const goOn = (isTaken: boolean): void => {
      this.#connack(isTaken ? ReturnCode.accepted : ReturnCode.notSupported)
      if (!isTaken) return this.#leave()
      this.#state = 'active'
      this.#hasWoken = false
      this.#downlink.open()
      this.#line?.guest.wake('online')
    }
    if (connect.flags.will) this.#askForWill((will) => this.#setWill(will, goOn))
    else goOn(true)
  }

  #connack(returnCode: ReturnCode): void {
    this.#send({ type: 'connack', returnCode })
  }

  // ── sleep ──────────────────────────────────────────────────────────────────────────────────────

  #disconnect({ duration = 0 }: MessageOf<'disconnect'>): void {
    this.#send({ type: 'disconnect', duration: undefined })
    // The broker has to know the session before the client can leave it.
    if (this.#state === 'joining') this.#leavesAtOnce = true
    else if (duration === 0 || this.#state === 'prompted') this.#leave()
    else this.#sleep(duration)
  }

  #sleep(duration: number): void {
    this.#hasSpoken = true
    this.#sleepSeconds = duration
    this.#fallAsleep('asleep')
  }

  /** @param said what presence says; `null`: what it said before */
  #fallAsleep(said: 'asleep' | null): void {
    this.#state = 'asleep'
    this.#downlink.close()
    this.#patience.begin(this.#sleepSeconds)
    this.#line?.guest.sleep(said)
  }

  /** PINGREQ: a client is there, or wakes to get what waits (6.14). */
  #ping({ clientId }: MessageOf<'pingreq'>): boolean {
    if (clientId !== '' && clientId !== this.clientId) return false
    if (this.#state === 'active') this.#send({ type: 'pingresp' })
    else this.#wake()
    return true
  }

  #wake(): void {
    const guest = this.#line?.guest
    if (guest === undefined) return
    const isFirst = this.#state === 'asleep'
    this.#state = 'awake'
    // A sensor that finds nothing is not worth two events each time that it looks.
    const isWorthTelling = isFirst && (guest.isOwed || !this.#downlink.isEmpty)
    this.#hasWoken ||= isWorthTelling
    guest.wake(isWorthTelling ? 'awake' : null)
    this.#downlink.open()
  }

  /** Sends PINGRESP once the client has all that waited: it may sleep. */
  #sleepAgain(): void {
    const guest = this.#line?.guest
    if (this.#state !== 'awake' || guest === undefined || !this.#downlink.isEmpty || guest.isOwed) return
    this.#send({ type: 'pingresp' })
    this.#backToSleep()
  }

  #backToSleep(): void {
    this.#fallAsleep(this.#hasWoken ? 'asleep' : null)
    this.#hasWoken = false
  }

  /** The client does not answer. One that sleeps is asked again when it wakes. */
  #giveUp(): void {
    if (this.#state === 'awake') this.#backToSleep()
    else this.#lose()
  }

  // ── the will ───────────────────────────────────────────────────────────────────────────────────

  #updateWillTopic({ flags, topic }: MessageOf<'willtopicupd'>): void {
    const answer = (isTaken: boolean): void =>
      this.#send({
        type: 'willtopicresp',
        returnCode: isTaken ? ReturnCode.accepted : ReturnCode.notSupported,
      })
    if (topic === '') return this.#setWill(null, answer)
    const will = willOf({ flags, topic }, this.#will?.payload ?? Buffer.alloc(0))
    if (will === undefined) answer(false)
    else this.#setWill(will, answer)
  }

  #updateWillMessage({ message }: MessageOf<'willmsgupd'>): void {
    const answer = (isTaken: boolean): void =>
      this.#send({ type: 'willmsgresp', returnCode: isTaken ? ReturnCode.accepted : ReturnCode.notSupported })
    if (this.#will === null) answer(false)
    else this.#setWill({ ...this.#will, payload: message }, answer)
  }

  #setWill(will: GuestWill | null, done: (isTaken: boolean) => void): void {
    this.#line?.guest.setWill(will, (isTaken) => {
      if (this.#state === 'ended') return
      if (isTaken) this.#keepWill(will)
      done(isTaken)
    })
  }

  #keepWill(will: GuestWill | null): void {
    this.#will = will
    this.#options.onWill(this.#connect.flags.clean ? null : will)
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────

  /** The client goes as it should: nobody hears of its will. */
  #leave(): void {
    this.#line?.send({ type: 'disconnect', reasonCode: ReasonCode.NormalDisconnection })
    this.#end(null)
  }

  #lose(): void {
    this.#end('keepalive')
  }

  /** The broker has ended the connection: somebody else has the client id, or an operator said so. */
  #onLineEnd(): void {
    if (this.#state === 'ended') return
    if (this.#state !== 'joining') this.#send({ type: 'disconnect', duration: undefined })
    this.#end(null)
  }

  /** @param departure how the broker is to end the connection; `null`: it has, or was told */
  #end(departure: 'keepalive' | 'kicked' | 'stopped' | null, isForgotten = false): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#prompt?.stop()
    this.#downlink.close()
    this.#patience.stop()
    const guest = this.#line?.guest
    const forget = !isForgotten && this.#isStrangersSession() ? (guest?.forgetLater() ?? null) : null
    if (departure !== null) guest?.close(departure, isForgotten)
    this.#options.onEnd(this, forget)
  }

  /** Whether the session outlives the connection, and is that of a client that never showed that it hears us. */
  #isStrangersSession(): boolean {
    const isTheirs = this.#options.wasLeft || this.#line?.guest.isNewSession === true
    return isTheirs && !this.#connect.flags.clean && !this.#allowance.isProven
  }

  // ── the datagrams ──────────────────────────────────────────────────────────────────────────────

  #send(message: Message): void {
    const datagram = encode(message)
    this.#allowance.sent(datagram.length)
    this.#options.send(datagram)
  }

  #prove(): void {
    if (this.#allowance.isProven) return
    this.#allowance.prove()
    this.#options.onProven()
  }

  #drop(reason: GuestDrop, topic: string): void {
    const { gate, log } = this.#options
    gate.drop(reason)
    if (this.#hasWarned || reason === 'slow') return
    this.#hasWarned = true
    log.warn(
      { client: this.clientId },
      `MQTT-SN: client "${printable(this.clientId)}" does not get a message on "${printable(topic)}": ` +
        `${WHY_DROPPED[reason]} Further ones are counted.`,
    )
  }
}

const WHY_DROPPED = {
  'too-large': 'it is longer than messageSize.',
  'no-topic-id': 'the client takes no topic id for it, or has as many as it may.',
} as const

const isSameConnect = (a: MessageOf<'connect'>, b: MessageOf<'connect'>): boolean =>
  a.duration === b.duration && a.flags.clean === b.flags.clean && a.flags.will === b.flags.will
