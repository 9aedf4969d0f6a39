// Which bytes give their memory back: those that have it to themselves.

import { expect, it } from 'vitest'
import { giveBack } from '../../../src/broker/socket/spent.ts'

const isGone = ({ buffer }: Buffer): boolean => (buffer as ArrayBuffer).detached

it('gives the memory of many bytes back at once', () => {
  const bytes = Buffer.allocUnsafeSlow(4_096)
  giveBack(bytes)
  expect(isGone(bytes)).toBe(true)
})

it('leaves a few bytes to the garbage collector', () => {
  const bytes = Buffer.allocUnsafeSlow(100)
  giveBack(bytes)
  expect(isGone(bytes)).toBe(false)
})

it('leaves alone what shares its memory', () => {
  const shared = Buffer.from(new ArrayBuffer(8_192), 0, 4_096)
  giveBack(shared)
  expect(isGone(shared)).toBe(false)
})
