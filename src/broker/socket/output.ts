// The way out. All packets of one turn of the event loop are written into one slab that every connection
// shares; a connection remembers which ranges of it are its own, and gets them in one write when the turn
// ends.
//
// Always: one write per socket and turn (the system call is what costs). A packet for many is written once,
// and is part of many ranges. A slab is not written to again until the kernel has taken all that was handed
// over from it.

import type { Duplex } from 'node:stream'
import { giveBack } from './spent.ts'

const SLAB_BYTES = 512 * 1024
const SPARE_SLABS = 4
const EMPTY = Buffer.alloc(0)
const NONE = -1

interface Slab {
  readonly buffer: Buffer
  /** Sockets that have yet to send bytes which lie here. */
  pins: number
}

export class Output {
  /**
   * Where packets are written: ask `reserve` for the place, then move `used` to the end of what was written.
   */
  buffer: Buffer
  used = 0
  /** Rises whenever the ranges of the slab have become void. */
  generation = 0
  /** Bytes handed to sockets. */
  sentBytes = 0
  #slab: Slab
  /** The outlets that have something to send, each with the next, in the order in which they got it. */
  #first: Outlet | null = null
  #last: Outlet | null = null
  /** Outlets that somebody waits for, and that have been emptied. */
  #emptied: Outlet[] = []
  #scheduled = false
  readonly #spares: Slab[] = []

  constructor() {
    this.#slab = newSlab(SLAB_BYTES)
    this.buffer = this.#slab.buffer
  }

  /** The offset of so many free bytes; what was gathered before leaves early when there are not enough. */
  reserve(length: number): number {
    if (this.used + length > this.buffer.length) this.#makeRoom(length)
    return this.used
  }

  outlet(socket: Duplex, owner: Sender): Outlet {
    return new Outlet(this, socket, owner)
  }

  /** Has the outlet written to when the turn ends. */
  mark(outlet: Outlet): void {
    if (this.#last === null) this.#first = outlet
    else this.#last.next = outlet
    this.#last = outlet
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#onTurnEnd)
  }

  flush(): void {
    let outlet = this.#first
    this.#first = null
    this.#last = null
    while (outlet !== null) {
      const { next } = outlet
      outlet.next = null
      outlet.flush()
      outlet = next
    }
    const { buffer, pins } = this.#slab
    if (pins > 0 || buffer.length > SLAB_BYTES) this.#use(this.#spares.pop() ?? newSlab(SLAB_BYTES))
    this.used = 0
    this.generation++
  }

  pin(): () => void {
    const slab = this.#slab
    slab.pins++
    return () => {
      slab.pins--
      const spare = slab.pins === 0 && slab !== this.#slab && slab.buffer.length === SLAB_BYTES
      if (spare && this.#spares.length < SPARE_SLABS) this.#spares.push(slab)
    }
  }

  /** Nobody is called back in the middle of a turn, where a packet may be half written. */
  empty(outlet: Outlet): void {
    this.#emptied.push(outlet)
  }

  readonly #onTurnEnd = (): void => {
    this.#scheduled = false
    this.flush()
    const emptied = this.#emptied
    if (emptied.length === 0) return
    this.#emptied = []
    for (const outlet of emptied) outlet.drained()
  }

  #makeRoom(length: number): void {
    this.flush()
    if (length > this.buffer.length) this.#use(newSlab(length))
  }

  #use(slab: Slab): void {
    this.#slab = slab
    this.buffer = slab.buffer
  }
}

export interface Sender {
  /** The outlet has room again, after `hasRoom` has said that it had none. */
  onDrained(): void
}

/** One connection's share of the output. */
export class Outlet {
  /** The next in the list of outlets that have something to send. */
  next: Outlet | null = null
  readonly #output: Output
  readonly #socket: Duplex
  readonly #owner: Sender
  /**
   * The newest range, still growing while what is appended adjoins; earlier ones lie in `#ranges` as start,
   * end, …
   */
  #start = NONE
  #end = NONE
  #ranges: number[] | undefined
  #gathered = 0
  #held = 0
  #wanted = false
  #ending = false
  #closed = false

  constructor(output: Output, socket: Duplex, owner: Sender) {
    this.#output = output
    this.#socket = socket
    this.#owner = owner
  }

  /**
   * Whether at most this many bytes wait: gathered in this turn, or not yet taken by the kernel. If more
   * wait, the owner is told when the outlet has been emptied.
   */
  hasRoom(most: number): boolean {
    if (this.#gathered + this.#held <= most) return true
    this.#wanted = true
    return false
  }

  /** The bytes of the slab from `start` up to `end` go to this connection. */
  append(start: number, end: number): void {
    this.#gathered += end - start
    if (start === this.#end) {
      this.#end = end
      return
    }
    if (this.#start === NONE) this.#output.mark(this)
    else (this.#ranges ??= []).push(this.#start, this.#end)
    this.#start = start
    this.#end = end
  }

  /** A packet that was encoded elsewhere. */
  send(packet: Buffer): void {
    const output = this.#output
    const at = output.reserve(packet.length)
    packet.copy(output.buffer, at)
    output.used = at + packet.length
    this.append(at, output.used)
  }

  /** Ends the socket once all has been written; nothing may be appended any more. */
  end(): void {
    this.#ending = true
    if (this.#start === NONE) this.#socket.end()
  }

  close(): void {
    this.#closed = true
  }

  /** The outlet has room again: tells its owner, who has waited for that. */
  drained(): void {
    this.#wanted = false
    if (!this.#closed) this.#owner.onDrained()
  }

  /** Hands what has gathered to the socket. */
  flush(): void {
    if (this.#start !== NONE && !this.#closed) this.#writeAll()
    this.#start = NONE
    this.#end = NONE
    this.#ranges = undefined
    this.#gathered = 0
    if (this.#wanted && this.#held === 0) this.#output.empty(this)
    if (this.#ending && !this.#closed) this.#socket.end()
  }

  #writeAll(): void {
    const buffer = this.#output.buffer
    const length = this.#gathered
    this.#output.sentBytes += length
    if (this.#held > 0) {
      // The socket is behind already: what it owns may lie in the slab no longer than this turn.
      this.#writeOwn(length)
    } else if (this.#ranges !== undefined) {
      const output = this.#output
      if (output.used + length > buffer.length) return this.#writeOwn(length)
      const bytes = this.#gather(buffer, output.used)
      output.used += length
      this.#write(bytes)
    } else {
      this.#write(buffer.subarray(this.#start, this.#end))
    }
  }

  #write(bytes: Buffer): void {
    this.#socket.write(bytes)
    this.#held = this.#socket.writableLength
    if (this.#held === 0) return
    const release = this.#output.pin()
    // Called in order after the bytes before it, or with an error when the socket is gone.
    this.#socket.write(EMPTY, () => {
      release()
      this.#onTaken()
    })
  }

  /** Writes the bytes from memory of their own, which is given back as soon as the kernel has taken them. */
  #writeOwn(length: number): void {
    const wasBehind = this.#held > 0
    const bytes = this.#gather(Buffer.allocUnsafeSlow(length), 0)
    // After an error the system may still look at them.
    this.#socket.write(bytes, (error) => {
      if (!error) giveBack(bytes)
    })
    this.#held = this.#socket.writableLength
    if (this.#held === 0) giveBack(bytes)
    else if (!wasBehind) this.#awaitTaken()
  }

  #awaitTaken(): void {
    this.#socket.write(EMPTY, () => this.#onTaken())
  }

  #onTaken(): void {
    this.#held = this.#socket.writableLength
    if (this.#closed) return
    if (this.#held > 0) this.#awaitTaken()
    else if (this.#wanted) this.drained()
  }

  #gather(target: Buffer, at: number): Buffer {
    const source = this.#output.buffer
    const ranges = this.#ranges
    let to = at
    if (ranges !== undefined) {
      for (let index = 0; index < ranges.length; index += 2) {
        to += source.copy(target, to, ranges[index], ranges[index + 1])
      }
    }
    to += source.copy(target, to, this.#start, this.#end)
    return target.subarray(at, to)
  }
}

const newSlab = (bytes: number): Slab => ({ buffer: Buffer.allocUnsafeSlow(bytes), pins: 0 })
