import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { PacketIds } from '../../../src/broker/session/packet-ids.ts'

it('holds what a Map would hold', () => {
  const id = fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 510, max: 515 }))
  const step = fc.record({ id, state: fc.integer({ min: 0, max: 255 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const [ids, model] = [new PacketIds(), new Map<number, number>()]
      for (const { id: at, state } of steps) {
        if (state === 0) ids.delete(at)
        else ids.set(at, state)
        if (state === 0) model.delete(at)
        else model.set(at, state)
        expect(ids.size).toBe(model.size)
        for (const { id: each } of steps) expect(ids.get(each)).toBe(model.get(each) ?? 0)
      }
    }),
    { numRuns: 50 },
  )
})

it('does not show one owner what another has left behind', () => {
  const [first, second] = [new PacketIds(), new PacketIds()]
  first.set(7, 3)
  first.set(8, 1)
  first.delete(7)
  first.delete(8)
  second.set(9, 2)
  expect([second.get(7), second.get(8), second.get(9)]).toEqual([0, 0, 2])
})
