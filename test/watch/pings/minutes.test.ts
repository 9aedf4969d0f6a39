import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Minutes } from '../../../src/watch/pings/minutes.ts'

const good = (latencyMs: number) => ({ kind: 'good', latencyMs }) as const

test('a minute has what was counted since the last one, by ping', () => {
  const minutes = new Minutes(61_500)
  minutes.count('a', good(3))
  minutes.count('a', { kind: 'failed', reason: 'x' })
  minutes.count('a', good(1))
  minutes.count('b', { kind: 'unable', reason: 'x' })
  const from = '1970-01-01T00:01:00.000Z'
  expect([...minutes.take(120_000)]).toEqual([
    ['a', { from, checks: 3, failed: 1, minMs: 1, medianMs: 1, maxMs: 3 }],
  ])
  expect([...minutes.take(180_000)]).toEqual([])
})

test('the median is that of the last 256 latencies, the least and the most are of all', () => {
  const latencies = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 600 })
  fc.assert(
    fc.property(latencies, (all) => {
      const minutes = new Minutes(0)
      for (const latencyMs of all) minutes.count('a', good(latencyMs))
      const last = all.slice(-256).toSorted((a, b) => a - b)
      expect(minutes.take(60_000).get('a')).toMatchObject({
        checks: all.length,
        minMs: Math.min(...all),
        medianMs: last[Math.ceil(last.length / 2) - 1],
        maxMs: Math.max(...all),
      })
    }),
  )
})
