import { expect, it } from 'vitest'
import { Flight, Inflight, packetIdOf } from '../../../src/broker/session/inflight.ts'
import { messageFrom } from '../../../src/broker/message/message.ts'
import type { Owed } from '../../../src/broker/session/owed.ts'

const owed = (payload: string): Owed => ({
  message: messageFrom({
    topic: 't',
    payload: Buffer.from(payload),
    properties: null,
    qos: 2,
    retain: false,
    at: 0,
  }),
  event: 1,
  qos: 2,
  retain: false,
  identifiers: [],
  via: null,
})

it('gives out every identifier once, from 1 to 65535, and then none', () => {
  const inflight = new Inflight()
  for (let id = 1; id <= 65_535; id++) {
    if (inflight.nextId() !== id) throw new Error(`Not ${id} is next, but ${inflight.nextId()}.`)
    inflight.take(id, 1)
  }
  expect(inflight.nextId()).toBe(0)
  inflight.free(40_000)
  expect(inflight.nextId()).toBe(40_000)
})

it('begins again at 1 after the last identifier, and passes over those that are taken', () => {
  const inflight = new Inflight()
  inflight.take(1, 1)
  inflight.take(2, 2)
  inflight.take(65_535, 1)
  expect(inflight.nextId()).toBe(3)
})

it('gives a message the identifier of its event, and another while that is taken', () => {
  const inflight = new Inflight()
  expect([1, 65_534, 65_535, 65_536].map((event) => inflight.idFor(event))).toEqual([2, 65_535, 1, 2])
  inflight.take(inflight.idFor(70_000), 1)
  const other = inflight.idFor(70_000 + 65_535)
  expect([inflight.state(other), other === inflight.idFor(70_000)]).toEqual([Flight.free, true])
  inflight.free(packetIdOf(70_000))
  expect(inflight.idFor(70_000)).toBe(packetIdOf(70_000))
})

it('follows both handshakes', () => {
  const inflight = new Inflight()
  inflight.take(1, 1)
  inflight.take(2, 2)
  expect([inflight.state(1), inflight.state(2)]).toEqual([Flight.awaitsPuback, Flight.awaitsPubrec])
  inflight.release(2)
  expect(inflight.state(2)).toBe(Flight.awaitsPubcomp)
  inflight.free(1)
  inflight.free(2)
  expect([inflight.state(1), inflight.state(2), inflight.size]).toEqual([Flight.free, Flight.free, 0])
})

it('keeps messages in the order in which they were sent, a released one as its PUBREL in the same place', () => {
  const inflight = new Inflight()
  const [one, two, three] = [owed('one'), owed('two'), owed('three')]
  for (const [id, each] of [
    [7, one],
    [3, two],
    [5, three],
  ] as const) {
    inflight.take(id, 2)
    inflight.keepForResend(id, each)
  }
  inflight.release(3)
  inflight.free(7)
  expect(Array.from(inflight.toResend())).toEqual([
    [3, null],
    [5, three],
  ])
})
