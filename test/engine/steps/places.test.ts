import { describe, expect, test } from 'vitest'
import { Places } from '../../../src/engine/steps/places.ts'

const room = (total: number, perRule: number) => ({ total, perRule })
const ref = (run: number) => ({ run, path: '0' })

/** What gets a place, in order, while places last. */
function fill(places: Places, rules: Readonly<Record<number, string>>): number[] {
  const begun: number[] = []
  for (let next = places.next(); next; next = places.next()) {
    begun.push(next.run)
    places.take(rules[next.run]!, next, 'shell')
  }
  return begun
}

describe('places', () => {
  test('go round between rules, and none has more than its share', () => {
    const places = new Places({ steps: room(4, 2), requests: room(0, 0) })
    const rules = { 1: 'a', 2: 'a', 3: 'a', 4: 'b', 5: 'c' }
    for (const [run, rule] of Object.entries(rules)) places.wait(rule, ref(Number(run)), 'shell')
    expect(fill(places, rules)).toEqual([1, 4, 5, 2])
    expect([places.waiting, places.taken]).toEqual([1, 4])
    places.leave(ref(4))
    expect(fill(places, rules)).toEqual([])
    places.leave(ref(1))
    expect(fill(places, rules)).toEqual([3])
  })

  test('of one kind are not taken by another', () => {
    const places = new Places({ steps: room(1, 1), requests: room(1, 1) })
    places.take('a', ref(1), 'shell')
    places.wait('a', ref(2), 'kill')
    places.wait('a', ref(3), null)
    expect(places.next()).toBeUndefined()
    places.wait('a', ref(4), 'notify')
    places.wait('a', ref(5), 'publish')
    expect(places.next()).toEqual(ref(5))
    expect(places.next()).toEqual(ref(4))
  })

  test('tell whether a step was aborted, and not that its time was up', () => {
    const places = new Places({ steps: room(2, 2), requests: room(0, 0) })
    const [late, stopped] = [places.take('a', ref(1), 'shell'), places.take('a', ref(2), 'shell')]
    late.abort(new Error('timed out'))
    places.abort(ref(2), 'the hub is stopping')
    expect(stopped.signal.reason).toEqual(new Error('the hub is stopping'))
    expect([places.leave(ref(1)), places.leave(ref(2)), places.leave(ref(3))]).toEqual([false, true, false])
  })
})
