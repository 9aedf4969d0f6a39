import { expect, it } from 'vitest'
import { Driver } from '../drive.ts'
import { divergence } from '../sequences.ts'
import type { Fired } from '../sequences.ts'

it('lets one go per window, all of them, in order, none later than it must', () => {
  expect(
    divergence({ throttle: '10ms' }, (sequence) => {
      const fired: (readonly [number, number])[] = []
      for (const [index, { at }] of sequence.entries()) {
        const before = fired.at(-1)?.[0] ?? -Infinity
        fired.push([Math.max(at, before + 10), index + 1])
      }
      return fired
    }),
  ).toBeNull()
})

it('drops what finds the queue full, and says so', () => {
  expect(
    divergence({ throttle: { window: '10ms', queue: 2 } }, (sequence) => {
      const fired: (readonly [number, number])[] = []
      for (const [index, { at }] of sequence.entries()) {
        const waiting = fired.filter(([leaves]) => leaves > at).length
        if (waiting < 2) fired.push([Math.max(at, (fired.at(-1)?.[0] ?? -Infinity) + 10), index + 1])
      }
      return fired satisfies Fired
    }),
  ).toBeNull()
  const driver = new Driver({ throttle: { window: '10ms', queue: 1 } })
  for (const at of [0, 1, 2]) driver.send(at)
  expect(driver.verdicts.map(({ stage, reason }) => [stage, reason])).toEqual([
    ['fired', ''],
    ['throttle', 'waits 9ms for its turn'],
    ['throttle', 'dropped: 1 wait already'],
  ])
})

it('goes on one per window after the hub was down, not with all that waits at once', () => {
  const driver = new Driver({ throttle: '10ms' })
  for (const at of [0, 1, 2, 3]) driver.send(at)
  driver.downtime(5, 1_000)
  driver.wakeUntil(1_100)
  expect(driver.firings.map(({ event, at }) => [event, at])).toEqual([
    [1, 0],
    [2, 1_000],
    [3, 1_010],
    [4, 1_020],
  ])
})

it('holds the events that wait', () => {
  const driver = new Driver({ throttle: '10ms' })
  for (const at of [0, 1, 2]) driver.send(at)
  expect(driver.held()).toEqual([2, 3])
})
