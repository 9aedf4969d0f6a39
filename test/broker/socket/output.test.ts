// The slab: ranges of it go to sockets that may be slow, and no byte may change before they have taken it.

import { Duplex } from 'node:stream'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Output } from '../../../src/broker/socket/output.ts'

/** A socket that takes bytes at once, or only when it is told to. */
class FakeSocket extends Duplex {
  readonly taken: Buffer[] = []
  writes = 0
  slow = false
  #pending: (() => void) | undefined

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    if (chunk.length > 0) this.writes++
    const take = (): void => {
      this.taken.push(Buffer.from(chunk))
      callback()
    }
    if (this.slow) this.#pending = take
    else take()
  }

  /** Takes what it was given last, and all that comes from then on. */
  go(): void {
    this.slow = false
    this.#pending?.()
    this.#pending = undefined
  }

  get text(): string {
    return Buffer.concat(this.taken).toString()
  }
}

const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function open(output: Output, onDrained = () => {}) {
  const socket = new FakeSocket()
  return { socket, outlet: output.outlet(socket, { onDrained }) }
}

/** Writes a text once, for any number of outlets. */
function put(output: Output, text: string, ...outlets: readonly ReturnType<Output['outlet']>[]): void {
  const at = output.reserve(text.length)
  output.used = at + output.buffer.write(text, at, 'latin1')
  for (const outlet of outlets) outlet.append(at, output.used)
}

it('makes one write per socket and turn of what was put for it', async () => {
  const output = new Output()
  const [a, b] = [open(output), open(output)]
  put(output, 'one ', a.outlet)
  put(output, 'two ', a.outlet, b.outlet)
  put(output, 'three ', b.outlet)
  put(output, 'four ', a.outlet, b.outlet)
  a.outlet.send(Buffer.from('five'))
  await turnEnds()
  expect([a.socket.text, a.socket.writes]).toEqual(['one two four five', 1])
  expect([b.socket.text, b.socket.writes]).toEqual(['two three four ', 1])
})

it('gives every socket its bytes, in order, whatever is slow and however much there is', async () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 100_000, max: 700_000 }))
  const step = fc.record({ size, to: fc.integer({ min: 1, max: 7 }), slow: fc.integer({ min: 0, max: 7 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 }), async (turns) => {
      const output = new Output()
      const ends = Array.from({ length: 3 }, () => ({ ...open(output), wanted: '' }))
      let count = 0
      for (const turn of turns) {
        for (const { size: length, to, slow } of turn) {
          const text = String.fromCharCode(33 + (count++ % 90)).repeat(length)
          const meant = ends.filter((_, n) => (to & (1 << n)) !== 0)
          put(output, text, ...meant.map(({ outlet }) => outlet))
          for (const end of meant) end.wanted += text
          for (const [n, { socket }] of ends.entries()) {
            if ((slow & (1 << n)) !== 0) socket.slow = true
            else socket.go()
          }
        }
        await turnEnds()
      }
      for (const { socket } of ends) socket.go()
      await turnEnds()
      for (const { socket, wanted } of ends) expect(socket.text === wanted).toBe(true)
    }),
    { numRuns: 60 },
  )
})

it('says when there is room again, if somebody has asked for room that was not there', async () => {
  const output = new Output()
  let drained = 0
  const { outlet, socket } = open(output, () => drained++)
  socket.slow = true
  put(output, 'x'.repeat(100), outlet)
  expect([outlet.hasRoom(100), outlet.hasRoom(99)]).toEqual([true, false])
  await turnEnds()
  expect([outlet.hasRoom(99), drained]).toEqual([false, 0])
  socket.go()
  await turnEnds()
  expect([outlet.hasRoom(0), drained]).toEqual([true, 1])
  put(output, 'x'.repeat(100), outlet)
  expect(outlet.hasRoom(50)).toBe(false)
  await turnEnds()
  expect(drained).toBe(2)
})

it('ends a socket after the last byte', async () => {
  const output = new Output()
  const { outlet, socket } = open(output)
  const ended = new Promise((resolve) => socket.once('finish', resolve))
  put(output, 'goodbye', outlet)
  outlet.end()
  await ended
  expect(socket.text).toBe('goodbye')
})
