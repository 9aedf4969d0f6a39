// One MQTT-SN client, from its CONNECT to its end: what each message makes of its state (`state.ts`).
//
// Always: the broker has one connection for the client, from the first `joining` to `ended`. While the client
// sleeps, its messages of QoS 1 and 2 wait in its session; those of QoS 0 wait here.

import type { GuestWill } from '../../model/gate.ts'
import { isFailure, ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Packet } from '../../mqtt/packet.ts'
import type { Message, MessageOf } from '../messages/messages.ts'
import { ReturnCode } from '../messages/return-codes.ts'
import { Line } from './line.ts'
import type { SnClientOptions } from './options.ts'
import { Peer } from './peer.ts'
import { isAwake, isConnecting, sleeps, type SnState } from './state.ts'
import { Traffic } from './traffic.ts'
import { returnCodeOf } from './uplink.ts'
import { Will } from './will.ts'

export class SnClient {
  readonly #options: SnClientOptions
  readonly #peer: Peer
  readonly #will: Will
  readonly #traffic: Traffic
  #line: Line | null = null
  #state: SnState = 'joining'
  #connect: MessageOf<'connect'>
  #sleepSeconds = 0

  constructor(options: SnClientOptions) {
    this.#options = options
    this.#connect = options.connect
    this.#peer = new Peer({ ...options, onSilence: () => this.#lose() })
    const send = (message: Message): void => this.#peer.send(message)
    this.#will = new Will({
      ...options,
      send,
      change: (will, done) =>
        this.#line?.guest.setWill(will, (isTaken) => {
          if (this.#state !== 'ended') done(isTaken)
        }),
      onTaken: (will) => options.onWill(this.#connect.flags.clean ? null : will),
      onRefused: () => {
        this.#peer.connack(ReturnCode.notSupported)
        this.#end('kicked')
      },
      onUnanswered: () => this.#lose(),
    })
    this.#traffic = new Traffic({
      ...options,
      clientId: this.clientId,
      send,
      tell: (packet) => this.#line?.send(packet) ?? false,
      isDoubtful: () => this.#peer.isDoubtful,
      onHeard: () => this.#peer.prove(),
      onEmpty: () => this.#sleepAgain(),
      onUnanswered: () => this.#giveUp(),
    })
  }

  get clientId(): string {
    return this.#connect.clientId
  }

  /** Begins with the CONNECT that made the client. */
  start(): void {
    const { connect, keptWill } = this.#options
    const { flags, duration } = connect
    this.#peer.expect(duration)
    if (flags.will) this.#askForWill((will) => this.#join(will))
    else this.#join(flags.clean ? null : keptWill)
  }

  /** @param bytes the length of the datagram */
  heard(bytes: number): void {
    this.#peer.heard(bytes)
  }

  /**
   * Takes a CONNECT from the client's address. Returns `false` if it begins another connection: then this one
   * has ended.
   */
  connectAgain(connect: MessageOf<'connect'>): boolean {
    const isSame = connect.clientId === this.clientId
    const isExpected = sleeps(this.#state)
    const mayRepeat = isConnecting(this.#state) || this.#state === 'accepted'
    if (isSame && mayRepeat && isSameConnect(connect, this.#connect)) {
      if (this.#state === 'prompted') this.#will.askAgain()
      else if (this.#state === 'accepted') this.#peer.connack(ReturnCode.accepted)
      return true
    }
    if (isSame && isExpected && !connect.flags.clean) {
      this.#return(connect)
      return true
    }
    // A client that slept was expected; one that was active is replaced, which releases its will.
    if (isExpected) this.#leave()
    else this.#end('kicked')
    return false
  }

  /** Takes any message but CONNECT. Returns `false` if the client may not say so now. */
  handle(message: Message): boolean {
    switch (message.type) {
      case 'disconnect':
        this.#disconnect(message)
        return true
      case 'willtopic':
      case 'willmsg':
        return this.#will.fromClient(message)
      default:
        // Before the end of CONNECT nothing else counts; the client says it again.
        if (isConnecting(this.#state)) return true
        if (this.#state === 'accepted') this.#state = 'active'
        return this.#handleJoined(message)
    }
  }

  #handleJoined(message: Message): boolean {
    if (message.type === 'pingreq') return this.#ping(message)
    if (message.type === 'pingresp') return true
    return this.#will.fromClient(message) || this.#traffic.fromClient(message)
  }

  // ── connect ────────────────────────────────────────────────────────────────────────────────────

  #askForWill(goOn: (will: GuestWill | null) => void): void {
    this.#state = 'prompted'
    this.#will.ask((will) => {
      this.#state = 'joining'
      goOn(will)
    })
  }

  /** Connects to the broker. */
  #join(will: GuestWill | null): void {
    const { gate, address, settings, connect } = this.#options
    const { clientId, flags } = connect
    this.#line = new Line({
      gate,
      address,
      user: settings.user,
      onPacket: (packet) => this.#onPacket(packet, will),
      onIdle: () => this.#sleepAgain(),
      onEnd: () => this.#onLineEnd(),
    })
    this.#line.connect({ clientId, clean: flags.clean, will })
  }

  /** @param will with which the client has joined */
  #onPacket(packet: Packet, will: GuestWill | null): void {
    if (this.#state === 'ended') return
    if (packet.type === 'connack') this.#onConnack(packet.reasonCode, will)
    else this.#traffic.fromBroker(packet)
  }

  #onConnack(reasonCode: ReasonCode, will: GuestWill | null): void {
    this.#peer.connack(returnCodeOf(reasonCode))
    if (isFailure(reasonCode)) return this.#end(null) // the broker ends the line
    this.#will.taken(will)
    this.#accepted()
  }

  /** A client that slept is back, and goes on with its session. */
  #return(connect: MessageOf<'connect'>): void {
    this.#connect = connect
    this.#traffic.restart()
    this.#peer.expect(connect.duration)
    const goOn = (isTaken: boolean): void => {
      this.#peer.connack(isTaken ? ReturnCode.accepted : ReturnCode.notSupported)
      if (!isTaken) return this.#leave()
      if (this.#accepted()) this.#line?.guest.wake('online')
    }
    if (connect.flags.will) this.#askForWill((will) => this.#will.set(will, goOn))
    else goOn(true)
  }

  /** Returns `false` if the client has left while the broker was asked. */
  #accepted(): boolean {
    if (this.#state === 'leaving') {
      this.#leave()
      return false
    }
    this.#state = 'accepted'
    this.#traffic.open()
    return true
  }

  // ── sleep ──────────────────────────────────────────────────────────────────────────────────────

  #disconnect({ duration = 0 }: MessageOf<'disconnect'>): void {
    this.#peer.goodbye()
    if (this.#state === 'joining' || this.#state === 'leaving') this.#state = 'leaving'
    else if (duration === 0 || this.#state === 'prompted') this.#leave()
    else this.#sleep(duration)
  }

  #sleep(seconds: number): void {
    // What presence says already is not worth another event.
    const isSaid = this.#state === 'asleep' || this.#state === 'looking'
    this.#state = 'asleep'
    this.#sleepSeconds = seconds
    this.#traffic.close()
    this.#peer.expect(seconds)
    this.#line?.guest.sleep(isSaid ? null : 'asleep')
  }

  /** PINGREQ: a client is there, or wakes to get what waits (6.14). */
  #ping({ clientId }: MessageOf<'pingreq'>): boolean {
    if (clientId !== '' && clientId !== this.clientId) return false
    if (this.#state === 'active') this.#peer.send({ type: 'pingresp' })
    else this.#wake()
    return true
  }

  #wake(): void {
    const guest = this.#line?.guest
    if (guest === undefined) return
    const isWorthTelling = this.#state === 'asleep' && (guest.isOwed || !this.#traffic.isEmpty)
    if (this.#state === 'asleep') this.#state = isWorthTelling ? 'awake' : 'looking'
    guest.wake(isWorthTelling ? 'awake' : null)
    this.#traffic.open()
  }

  /** Sends PINGRESP once the client has all that waited: it may sleep. */
  #sleepAgain(): void {
    if (!isAwake(this.#state) || !this.#traffic.isEmpty || this.#line?.guest.isOwed === true) return
    this.#peer.send({ type: 'pingresp' })
    this.#sleep(this.#sleepSeconds)
  }

  /** The client does not answer. One that sleeps is asked again when it wakes. */
  #giveUp(): void {
    if (isAwake(this.#state)) this.#sleep(this.#sleepSeconds)
    else this.#lose()
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────

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
    this.#peer.goodbye()
    this.#end(departure, isForgotten)
  }

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
    this.#peer.goodbye()
    this.#end(null)
  }

  /** @param departure how the broker is to end the connection; `null`: it has, or was told */
  #end(departure: 'keepalive' | 'kicked' | 'stopped' | null, isForgotten = false): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#will.stop()
    this.#traffic.close()
    this.#peer.stop()
    const guest = this.#line?.guest
    const forget = !isForgotten && this.#isStrangersSession() ? (guest?.forgetLater() ?? null) : null
    if (departure !== null) guest?.close(departure, isForgotten)
    this.#options.onEnd(forget)
  }

  /** Whether the session outlives the connection, and is that of a client that never showed that it hears us. */
  #isStrangersSession(): boolean {
    const isTheirs = this.#options.wasLeft || this.#line?.guest.isNewSession === true
    return isTheirs && !this.#connect.flags.clean && !this.#peer.isProven
  }
}

const isSameConnect = (a: MessageOf<'connect'>, b: MessageOf<'connect'>): boolean =>
  a.duration === b.duration && a.flags.clean === b.flags.clean && a.flags.will === b.flags.will
