// Covers `src/broker/session/owed.ts`.

import { expect, it } from 'vitest'
import { messageFrom } from '../../../src/broker/message/message.ts'
import { bytesOf, type Owed } from '../../../src/broker/session/owed.ts'
import { Waiting } from '../../../src/broker/session/waiting.ts'

const owed = (number: number): Owed => ({
  message: messageFrom({
    topic: 't',
    payload: Buffer.from(String(number)),
    properties: null,
    qos: 1,
    retain: false,
    at: 0,
  }),
  event: 1,
  qos: 1,
  retain: false,
  identifiers: [],
  via: null,
})

it('is first in, first out, also over many more than it holds at one time', () => {
  const waiting = new Waiting()
  let [put, taken] = [0, 0]
  for (let round = 0; round < 100; round++) {
    for (let n = 0; n < 70; n++) waiting.push(owed(put++), Infinity, Infinity)
    for (let n = 0; n < 50 + (round % 20); n++) {
      const payload = waiting.peek()?.message.payload.toString()
      if (payload !== String(taken)) throw new Error(`Not ${taken} is first, but ${payload}.`)
      taken++
      waiting.shift()
    }
  }
  expect(waiting.size).toBe(put - taken)
  while (waiting.size > 0) waiting.shift()
  expect([waiting.peek(), waiting.bytes]).toEqual([undefined, 0])
})

it('refuses the newest when there are too many messages or bytes, and has room again later', () => {
  const waiting = new Waiting()
  const bytes = bytesOf(owed(1))
  expect(waiting.push(owed(1), 2, 10 * bytes)).toBe(true)
  expect(waiting.push(owed(2), 2, 2 * bytes - 1)).toBe(false)
  expect(waiting.push(owed(2), 2, 2 * bytes)).toBe(true)
  expect(waiting.push(owed(3), 2, 10 * bytes)).toBe(false)
  waiting.shift()
  expect(waiting.push(owed(3), 2, 2 * bytes)).toBe(true)
})
