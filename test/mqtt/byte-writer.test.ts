// What a writer gives away is the caller's: it has its own length and nobody writes to it again.

import { expect, test } from 'vitest'
import { ByteWriter } from '../../src/mqtt/byte-writer.ts'

const write = (text: string): Buffer => {
  const writer = new ByteWriter()
  writer.bytes(Buffer.from(text))
  return writer.body()
}

test('what was given away stays as it is while others write', () => {
  const first = write('first')
  const second = write('second')
  expect(first.toString()).toBe('first')
  expect(second.toString()).toBe('second')
})

test('two writers can be at work at the same time', () => {
  const [outer, inner] = [new ByteWriter(), new ByteWriter()]
  outer.bytes(Buffer.from('out'))
  inner.bytes(Buffer.from('in'))
  expect(inner.body().toString()).toBe('in')
  expect(write('later').toString()).toBe('later')
  outer.bytes(Buffer.from('er'))
  expect(outer.body().toString()).toBe('outer')
})

test('a long packet, and the short one after it, are whole', () => {
  const long = 'x'.repeat(10_000)
  expect(write(long).toString()).toBe(long)
  expect(write('short').toString()).toBe('short')
})

test('nothing takes no memory', () => {
  expect(write('').buffer).toBe(write('').buffer)
})
