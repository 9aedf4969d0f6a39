import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Packer, Unpacker } from '../../../src/journal/thread/batch.ts'
import { anyNewEvent } from '../arbitrary.ts'
import { event, newEvent, plain } from '../nouns.ts'

describe('a batch', () => {
  it('gives back what was packed, over many batches', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyNewEvent)), fc.integer({ min: 2, max: 12 }), (batches, mostNames) => {
        const packer = new Packer(mostNames)
        const unpacker = new Unpacker()
        let id = 0
        for (const batch of batches) {
          const packed = batch.map((each) => Object.assign(each, { id: ++id }))
          for (const each of packed) packer.event(each.id, each)
          expect(unpacker.unpack(packer.take()).events.map(plain)).toEqual(packed.map(plain))
        }
      }),
    )
  })

  it('grows for a payload larger than its slab, and is small again afterwards', () => {
    const packer = new Packer()
    const unpacker = new Unpacker()
    const large = event(1, { payload: Buffer.alloc(5_000_000, 7) })
    packer.event(1, event(1))
    packer.event(2, large)
    packer.event(3, event(3))
    const { events } = unpacker.unpack(packer.take())
    expect(events.map(({ payload }) => payload.length)).toEqual([5, 5_000_000, 5])
    expect(Buffer.compare(events[1]!.payload, large.payload)).toBe(0)
    packer.event(4, event(4))
    expect(packer.take().byteLength).toBeLessThan(100)
  })

  it('sends a name once, and again after it has forgotten names', () => {
    const packer = new Packer(2)
    const lengths = ['a/long/topic/name', 'a/long/topic/name', 'another', 'a/long/topic/name'].map(
      (topic) => {
        packer.event(1, newEvent({ topic, client: null }))
        return packer.take().byteLength
      },
    )
    expect(lengths[1]).toBeLessThan(lengths[0]!)
    expect(lengths[3]).toBeGreaterThan(lengths[1]!)
  })

  it('does not follow what becomes of the bytes that it was given', () => {
    const packer = new Packer()
    const payload = Buffer.from('before')
    packer.event(1, newEvent({ payload }))
    payload.write('after!')
    expect(Buffer.from(new Unpacker().unpack(packer.take()).events[0]!.payload).toString()).toBe('before')
  })

  it('carries gaps beside events', () => {
    const packer = new Packer()
    const gap = { afterEvent: 7, fromAt: 1_000, toAt: 2_000, events: 12 }
    packer.gap(gap)
    packer.event(8, newEvent())
    const batch = new Unpacker().unpack(packer.take())
    expect(batch.gaps).toEqual([gap])
    expect(batch.events).toHaveLength(1)
  })

  it('refuses a record of a kind that it does not know', () => {
    expect(() => new Unpacker().unpack(Uint8Array.of(99, 0, 0, 0, 0).buffer)).toThrow(
      'unknown kind 99 at byte 0',
    )
  })
})
