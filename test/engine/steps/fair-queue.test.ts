import { expect, test } from 'vitest'
import { FairQueue } from '../../../src/engine/steps/fair-queue.ts'

function drain(queue: FairQueue<string>, mayRun: (rule: string) => boolean = () => true): string[] {
  const taken: string[] = []
  for (let item = queue.take(mayRun); item !== undefined; item = queue.take(mayRun)) taken.push(item)
  return taken
}

test('rules take turns, and each keeps its own order', () => {
  const queue = new FairQueue<string>()
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item[0]!, item)
  expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3'])
})

test('a rule that may not run is passed over and keeps its place', () => {
  const queue = new FairQueue<string>()
  for (const item of ['a1', 'b1', 'b2']) queue.push(item[0]!, item)
  expect(drain(queue, (rule) => rule === 'b')).toEqual(['b1', 'b2'])
  expect(queue.size).toBe(1)
  expect(drain(queue)).toEqual(['a1'])
})

test('a rule with a long queue delays another by one item', () => {
  const queue = new FairQueue<string>()
  for (let index = 0; index < 10_000; index++) queue.push('busy', `busy ${index}`)
  for (let index = 0; index < 5_000; index++) queue.take(() => true)
  queue.push('other', 'other')
  expect([queue.take(() => true), queue.take(() => true)]).toEqual(['busy 5000', 'other'])
  expect(drain(queue)).toHaveLength(4_999)
})
