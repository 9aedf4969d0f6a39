import { beforeEach, expect, it } from 'vitest'
import { Slowdown } from '../../src/access/slowdown.ts'
import { ManualClock } from '../../src/base/clock.ts'

let clock: ManualClock
let slowdown: Slowdown

beforeEach(() => {
  clock = new ManualClock(1_000_000)
  slowdown = new Slowdown({ clock, free: 3, maxKeys: 4, countsUnderway: true })
})

function fail(key: string): number | null {
  const waitMs = slowdown.take(key)
  if (waitMs === null) return null
  clock.advance(waitMs)
  slowdown.failed(key)
  return waitMs
}

it('lets some failures go, then makes each wait longer, up to a bound', () => {
  const waits = Array.from({ length: 12 }, () => fail('bob'))
  expect(waits).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000])
})

it('does not slow down whoever takes the time anyway', () => {
  for (let attempt = 0; attempt < 20; attempt++) {
    expect(fail('bob')).toBe(0)
    clock.advance(5_000)
  }
})

it('gives attempts at one time one turn after the other, and turns away those beyond the longest wait', () => {
  const waits = Array.from({ length: 10 }, () => slowdown.take('bob'))
  expect(waits).toEqual([0, 0, 0, 250, 750, 1_750, 3_750, null, null, null])
})

it('forgives whoever gets it right', () => {
  for (let attempt = 0; attempt < 5; attempt++) fail('bob')
  expect(slowdown.isClear('bob')).toBe(false)
  clock.advance(slowdown.take('bob')!)
  slowdown.passed('bob', true)
  expect(slowdown.isClear('bob')).toBe(true)
  expect(slowdown.take('bob')).toBe(0)
})

it('slows down nobody else', () => {
  for (let attempt = 0; attempt < 8; attempt++) fail('bob')
  expect(slowdown.take('alice')).toBe(0)
})

it('forgets after a while', () => {
  for (let attempt = 0; attempt < 8; attempt++) fail('bob')
  clock.advance(10 * 60_000 + 1)
  expect([fail('bob'), fail('bob'), fail('bob'), fail('bob')]).toEqual([0, 0, 0, 250])
})

it('remembers a bounded number of keys, those heard of last', () => {
  for (const key of ['a', 'b', 'c', 'd', 'a', 'e', 'f']) fail(key)
  expect(slowdown.size).toBe(4)
  expect(slowdown.isClear('b')).toBe(true)
  expect(slowdown.isClear('a')).toBe(false)
})
