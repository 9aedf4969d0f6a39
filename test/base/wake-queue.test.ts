import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { WakeQueue } from '../../src/base/wake-queue.ts'

const newQueue = () => new WakeQueue<string>((value) => value)

test('wakes come earliest first, and in the order in which they were set when they are due together', () => {
  const queue = newQueue()
  queue.set('late', 30)
  queue.set('first', 10)
  queue.set('second', 10)
  expect(queue.nextAt).toBe(10)
  expect([queue.takeDue(30), queue.takeDue(30), queue.takeDue(30), queue.takeDue(30)]).toMatchObject([
    { value: 'first', at: 10 },
    { value: 'second', at: 10 },
    { value: 'late', at: 30 },
    undefined,
  ])
})

test('what is not due stays', () => {
  const queue = newQueue()
  queue.set('a', 10)
  expect(queue.takeDue(9)).toBeUndefined()
  expect(queue.takeDue(10)?.value).toBe('a')
})

test('any history of settings leaves the same wakes as a plain map', () => {
  const moves = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.nat(20))), {
    maxLength: 300,
  })
  fc.assert(
    fc.property(moves, fc.nat(20), (settings, now) => {
      const queue = newQueue()
      const model = new Map<string, number>()
      for (const [id, at] of settings) {
        queue.set(id, at)
        if (at === null) model.delete(id)
        else model.set(id, at)
      }
      expect(queue.size).toBe(model.size)
      expect(queue.nextAt).toBe(model.size === 0 ? null : Math.min(...model.values()))
      const taken: [string, number][] = []
      for (let due = queue.takeDue(now); due; due = queue.takeDue(now)) taken.push([due.value, due.at])
      expect(taken.map(([, at]) => at)).toEqual(taken.map(([, at]) => at).toSorted((a, b) => a - b))
      expect(new Map(taken)).toEqual(new Map([...model].filter(([, at]) => at <= now)))
    }),
  )
})
