// The stages that ask about the event at hand: payload, when, changed, threshold; and ttl.
//
// Covers `src/rules/stages/changed.ts`, `src/rules/stages/threshold.ts`, `src/rules/stages/ttl.ts`,
// `src/rules/stages/payload.ts`.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'
import { Driver } from '../drive.ts'
import { divergence } from '../sequences.ts'

it('fires when the value is not what it last was, the first time included', () => {
  expect(
    divergence(
      { changed: true },
      (sequence) =>
        sequence.flatMap(({ at, value }, index) =>
          sequence[index - 1]?.value === value ? [] : [[at, index + 1] as const],
        ),
      fc.nat(2),
    ),
  ).toBeNull()
})

it('compares the value that a function picks, however large, by what it holds', () => {
  const driver = new Driver({ changed: ({ payload }) => (payload as { a: unknown }).a })
  const large = { list: Array.from({ length: 100 }, (_, index) => index), name: 'x' }
  const turned = { name: 'x', list: large.list }
  const stages = [large, turned, { ...large, name: 'y' }].map(
    (a, at) => driver.send(at, { a, noise: at }).stage,
  )
  expect(stages).toEqual(['fired', 'changed', 'fired'])
})

it('fires when the value crosses the threshold, and not again before it has let go', () => {
  expect(
    divergence(
      { above: 80, until: 70 },
      (sequence) => {
        let over = false
        return sequence.flatMap(({ at, value }, index) => {
          const was = over
          over = was ? value > 70 : value > 80
          return over && !was ? [[at, index + 1] as const] : []
        })
      },
      fc.integer({ min: 60, max: 90 }),
    ),
  ).toBeNull()
})

it('falls below a threshold in the same way', () => {
  const driver = new Driver({
    below: 3,
    until: 5,
    value: ({ payload }) => (payload as { volts: number }).volts,
  })
  const stages = [4, 2, 4, 1, 5, 2].map((volts, at) => driver.send(at, { volts }).stage)
  expect(stages).toEqual(['threshold', 'fired', 'threshold', 'threshold', 'threshold', 'fired'])
})

it('holds a threshold for its length while the value stays beyond where it lets go', () => {
  const driver = new Driver({ above: 80, until: 70, for: '10ms' })
  for (const [at, value] of [
    [0, 81],
    [4, 75],
    [8, 90],
    [12, 60],
    [20, 85],
    [25, 69],
  ] as const)
    driver.send(at, value)
  driver.wakeUntil(100)
  expect(driver.log).toEqual([[10, 3]])
})

it('says that a payload is no number, and leaves all as it was', () => {
  const driver = new Driver({ above: 80, for: '10ms' })
  driver.send(0, 81)
  const before = driver.kept()
  expect(driver.send(1, 'unavailable')).toMatchObject({ stage: 'error' })
  expect(driver.verdicts.at(-1)!.reason).toContain('the payload is "unavailable", no number to compare')
  expect(driver.kept().wakeAt).toBe(before.wakeAt)
})

it.each([
  ['changed', { changed: true }],
  [
    'changed',
    {
      changed: () => ({
        toString: null,
        get broken() {
          throw new Error('no')
        },
      }),
    },
  ],
  ['threshold', { above: 80 }],
] as const)('says of %s that a value is too much for it, whatever the payload is', (_stage, definition) => {
  const driver = new Driver(definition)
  const payload = Buffer.from('['.repeat(50_000) + ']'.repeat(50_000))
  const { stage, reason } = driver.send(0, '', { payload })
  expect(stage).toBe('error')
  expect(reason.length).toBeLessThan(500)
})

it('tells what the schema says of a payload that it rejects', () => {
  const driver = new Driver({ payload: z.object({ name: z.string() }) })
  expect(driver.send(0, { name: 5 })).toMatchObject({
    stage: 'payload',
    reason: 'name: Invalid input: expected string, received number',
  })
})

it.each([
  ['1', z.enum(['0', '1']), 'fired'],
  ['1', z.literal(1), 'fired'],
  ['true', z.literal('true'), 'fired'],
  ['null', z.null(), 'fired'],
  ['ON', z.literal('ON'), 'fired'],
  ['{"a":1}', z.string(), 'payload'],
  ['', z.literal(''), 'fired'],
] as const)('offers %j to the schema as JSON, or else as the text it is', (payload, schema, stage) => {
  expect(new Driver({ payload: schema }).send(0, payload).stage).toBe(stage)
})

it('refuses a schema that answers later', () => {
  const driver = new Driver({ payload: z.string().refine(async () => true) })
  const { stage, reason } = driver.send(0, 'x')
  expect(stage).toBe('error')
  expect(reason).toContain('rules decide at once')
})

it('refuses a `when` that answers later, since every promise is true', () => {
  const driver = new Driver({ when: async () => false })
  expect(driver.send(0)).toMatchObject({ stage: 'error' })
  expect(driver.verdicts[0]!.reason).toContain('it returned a promise')
})

it('lets `when` read the newest message of another topic', () => {
  const world = {
    last: (topic: string) => (topic === 'home/mode' ? inventedEvent(topic, 'away', 'live') : undefined),
  }
  const when = ({ last }: { last: (topic: string) => { payload: unknown } | undefined }): boolean =>
    last('home/mode')?.payload === 'away' && last('home/nothing') === undefined
  expect(new Driver({ when }, world).send(0).stage).toBe('fired')
})

it('does not do what has become too old while it waited', () => {
  const driver = new Driver({ throttle: '10ms', ttl: '15ms' })
  for (const at of [0, 1, 2, 3]) driver.send(at)
  driver.wakeUntil(100)
  expect(driver.log).toEqual([
    [0, 1],
    [10, 2],
  ])
  expect(driver.verdicts.at(-1)).toMatchObject({ event: 4, stage: 'ttl', reason: 'it is 27ms old' })
  expect(driver.firings.map(({ expiresAt }) => expiresAt)).toEqual([15, 16])
})
