// The stages that count within a window: rateLimit, count, dedupe.
//
// Covers `src/rules/stages/count.ts`, `src/rules/stages/dedupe.ts`, `src/rules/stages/rate-limit.ts`.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { MOST_DEDUPE_KEYS } from '../../../src/rules/stages/dedupe.ts'
import { Driver } from '../drive.ts'
import { divergence } from '../sequences.ts'

it('lets at most so many go in any window', () => {
  expect(
    divergence({ rateLimit: [3, '20ms'] }, (sequence) => {
      const fired: (readonly [number, number])[] = []
      for (const [index, { at }] of sequence.entries())
        if (fired.filter(([went]) => went > at - 20).length < 3) fired.push([at, index + 1])
      return fired
    }),
  ).toBeNull()
})

it('fires for every third within the window, and counts anew', () => {
  expect(
    divergence({ count: [3, '20ms'] }, (sequence) => {
      const fired: (readonly [number, number])[] = []
      for (const [index, { at }] of sequence.entries()) {
        const since = fired.at(-1)?.[1] ?? 0
        const counted = sequence.slice(since, index + 1).filter((message) => message.at > at - 20)
        if (counted.length >= 3) fired.push([at, index + 1])
      }
      return fired
    }),
  ).toBeNull()
})

it('catches what goes to and fro', () => {
  const driver = new Driver({ when: ({ payload }) => payload === 1, count: [3, '10m'] })
  for (const [index, value] of [1, 0, 1, 0, 1].entries()) driver.send(index * 60_000, value)
  expect(driver.log).toEqual([[240_000, 5]])
})

it('takes the same key within the window of the first for the same event', () => {
  expect(
    divergence(
      { dedupe: { key: ({ payload }) => String(payload), window: '20ms' } },
      (sequence) => {
        const fired: (readonly [number, number])[] = []
        for (const [index, { at, value }] of sequence.entries()) {
          const same = ([went, event]: readonly [number, number]): boolean =>
            went > at - 20 && sequence[event - 1]!.value === value
          if (!fired.some(same)) fired.push([at, index + 1])
        }
        return fired
      },
      fc.nat(3),
    ),
  ).toBeNull()
})

it('remembers a bounded number of keys, the newest', () => {
  const driver = new Driver({ dedupe: { key: ({ payload }) => String(payload), window: '1h' } })
  for (let at = 0; at <= MOST_DEDUPE_KEYS; at++) driver.send(at, at)
  expect(driver.send(MOST_DEDUPE_KEYS + 1, 1).stage).toBe('dedupe')
  expect(driver.send(MOST_DEDUPE_KEYS + 1, 0).stage).toBe('fired')
})

it.each([
  { rateLimit: [1, '10ms'] as const },
  { count: [2, '10ms'] as const },
  { dedupe: { key: () => 'k', window: '10ms' as const } },
])('forgets a window that has passed: %o', (definition) => {
  const driver = new Driver(definition)
  driver.send(0)
  expect(driver.kept().state).not.toBeNull()
  driver.wakeUntil(10)
  expect(driver.kept()).toEqual({ state: null, wakeAt: null })
})

it('remembers of a long key no more than it takes to know it again', () => {
  const driver = new Driver({ dedupe: { key: ({ payload }) => String(payload), window: '10s' } })
  const long = 'x'.repeat(1_000_000)
  const stages = [`1${long}`, `2${long}`, `1${long}`].map((payload, at) => driver.send(at, payload).stage)
  expect(stages).toEqual(['fired', 'fired', 'dedupe'])
  expect(driver.kept().state!.length).toBeLessThan(300)
})
