import { expect, it } from 'vitest'
import { FirstByte, LARGEST_PACKET, packetSize, writeFixedHeader } from '../../src/mqtt/fixed-header.ts'

it('writes a remaining length of four bytes at most: what is longer is no packet', () => {
  const target = Buffer.alloc(8)
  expect(writeFixedHeader(target, 0, FirstByte.publish, 268_435_455)).toBe(5)
  expect(target.toString('hex', 0, 6)).toBe('30ffffff7f00')
  expect(packetSize(268_435_455)).toBe(LARGEST_PACKET)
  target.fill(0)
  expect(() => writeFixedHeader(target, 0, FirstByte.publish, 268_435_456)).toThrow(RangeError)
  expect(target).toEqual(Buffer.alloc(8))
  expect(packetSize(268_435_456)).toBeGreaterThan(LARGEST_PACKET)
})
