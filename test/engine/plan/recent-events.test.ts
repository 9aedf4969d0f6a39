import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentEvents } from '../../../src/engine/plan/recent-events.ts'
import type { Event } from '../../../src/model/event.ts'
import type { Heard } from '../../../src/model/store.ts'
import { event } from '../../journal/nouns.ts'

const all = (): boolean => true

/** A store of what was committed, which counts how often it is read. */
function open() {
  const store: Event[] = []
  let reads = 0
  const heardAfter = (after: number, isHeard: (topic: string) => boolean): Heard => {
    const events = store.filter(({ id, topic }) => id > after && isHeard(topic))
    return { events, upTo: Math.max(after, store.at(-1)?.id ?? 0), isAll: true }
  }
  const recent = new RecentEvents({
    heardAfter: (after, _limit, _bytes, isHeard) => {
      reads++
      return heardAfter(after, isHeard)
    },
  })
  const commit = (events: readonly Event[], isHandedOver = true): void => {
    const after = store.at(-1)?.id ?? 0
    store.push(...events)
    recent.take(isHandedOver ? { after, events } : undefined)
  }
  const ids = (after: number, isHeard = all) =>
    recent.heardAfter(after, 512, 1e6, isHeard).events.map(({ id }) => id)
  return { recent, commit, ids, heardAfter, reads: () => reads }
}

describe('the recent events', () => {
  it('are given to an engine at the head without a read of the store', () => {
    const { commit, ids, reads } = open()
    commit([event(1), event(2)])
    expect(ids(0)).toEqual([1, 2])
    commit([event(3)])
    expect(ids(2)).toEqual([3])
    expect(ids(3)).toEqual([])
    expect(reads()).toBe(0)
  })

  it('leave an engine that is behind to the store', () => {
    const { commit, ids, reads } = open()
    commit([event(1), event(2)], false)
    commit([event(3)])
    expect(ids(1)).toEqual([2, 3])
    expect(reads()).toBe(1)
    expect(ids(2)).toEqual([3])
    expect(reads()).toBe(1)
  })

  it('are no more than a few, however slow the engine is', () => {
    const { commit, ids, reads } = open()
    for (let id = 1; id <= 65; id++) commit([event(id)])
    expect(ids(0)).toHaveLength(65)
    expect(reads()).toBe(1)
    expect(ids(64)).toEqual([65])
    expect(reads()).toBe(1)
  })

  it('do not hold the message in which they came', () => {
    const { recent, commit } = open()
    commit([event(1, { payload: Buffer.alloc(1_000_000).subarray(0, 3) })])
    const [first] = recent.heardAfter(0, 512, 1e6, all).events
    expect(first!.payload.buffer.byteLength).toBeLessThan(100_000)
  })

  it('are what the store holds, wherever the cursor is and whatever was handed over', () => {
    const group = fc.record({
      events: fc.array(fc.constantFrom('heard', 'unheard'), { maxLength: 20 }),
      isHandedOver: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(group, { maxLength: 12 }), fc.nat(), (groups, place) => {
        const { recent, commit, heardAfter } = open()
        let last = 0
        for (const { events, isHandedOver } of groups) {
          commit(
            events.map((topic) => event(++last, { topic })),
            isHandedOver,
          )
          const after = place % (last + 1)
          const isHeard = (topic: string): boolean => topic === 'heard'
          expect(recent.heardAfter(after, 512, 1e6, isHeard)).toEqual(heardAfter(after, isHeard))
        }
      }),
    )
  })
})
