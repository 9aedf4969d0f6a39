import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Driver } from '../drive.ts'
import { END, divergence, interruptions, laterBy, messages, played } from '../sequences.ts'
import type { Fired, Message } from '../sequences.ts'

const rule = { when: ({ payload }: { payload: unknown }) => payload === 1, for: '10ms' } as const

/** A hold begins with a 1 after a 0 or nothing; it fires 10 ms later if no 0 came before that, with the newest message by then. */
function model(sequence: readonly Message[]): Fired {
  return sequence.flatMap(({ at, value }, index) => {
    if (value !== 1 || (index > 0 && sequence[index - 1]!.value === 1)) return []
    const due = at + 10
    const later = sequence.slice(index).filter((message) => message.at < due)
    if (later.some((message) => message.value === 0)) return []
    return [[due, index + later.length] as const]
  })
}

it('fires once per hold, when it has lasted, with the newest message that held', () => {
  expect(divergence(rule, model)).toBeNull()
})

it('does not count the time in which the hub was down', () => {
  fc.assert(
    fc.property(messages(), interruptions, (sequence, downs) => {
      const driver = new Driver(rule)
      for (const [index, { at, value }] of sequence.entries()) {
        for (const { after, lengthMs } of downs)
          if (after === index) {
            const from = at + laterBy(downs, index) - lengthMs
            driver.downtime(from, from + lengthMs)
          }
        driver.send(at + laterBy(downs, index), value)
      }
      driver.wakeUntil(END)
      expect(driver.firings.map(({ event }) => event)).toEqual(
        played(rule, sequence).map(([, event]) => event),
      )
    }),
  )
})

it('needs 30 seconds more when the hub went down 90 seconds into two minutes', () => {
  const driver = new Driver({ for: '2m' })
  driver.send(0, 1)
  driver.downtime(90_000, 1_000_000)
  expect(driver.kept().wakeAt).toBe(1_030_000)
})

it.each([
  ['restart', 1_120_000],
  ['fire', 120_000],
  ['drop', null],
] as const)('with onGap: %s it is due at %s', (onGap, wakeAt) => {
  const driver = new Driver({ for: '2m', onGap })
  driver.send(0, 1)
  driver.downtime(90_000, 1_000_000)
  expect(driver.kept().wakeAt).toBe(wakeAt)
})

it('keeps its length when the clock is set, and neither fires early nor twice', () => {
  fc.assert(
    fc.property(messages(), fc.nat(30), fc.integer({ min: -500, max: 500 }), (sequence, after, step) => {
      const driver = new Driver(rule)
      for (const [index, { at, value }] of sequence.entries()) {
        if (index === after) driver.clock(1_000 + at, 1_000 + at + step)
        driver.send(1_000 + at + (index >= after ? step : 0), value)
      }
      driver.wakeUntil(END)
      expect(driver.firings.map(({ event }) => event)).toEqual(
        played(rule, sequence).map(([, event]) => event),
      )
    }),
  )
})

it('does not fire early or twice when nobody tells that the clock was set back', () => {
  fc.assert(
    fc.property(messages(), fc.nat(30), fc.integer({ min: 1, max: 500 }), (sequence, after, step) => {
      const driver = new Driver(rule)
      const truly = (at: number, index: number): number => 1_000 + at - (index >= after ? step : 0)
      for (const [index, { at, value }] of sequence.entries()) driver.send(truly(at, index), value)
      driver.wakeUntil(END)
      const holds = sequence.filter(({ value }, index) => value === 1 && sequence[index - 1]?.value !== 1)
      const events = driver.firings.map(({ event }) => event)
      expect(new Set(events).size).toBe(events.length)
      expect(events.length).toBeLessThanOrEqual(holds.length)
      for (const { event } of driver.firings) {
        const start = sequence.slice(0, event).findLastIndex(({ value }) => value === 0) + 1
        const broken = sequence.find(({ value }, index) => index >= event && value === 0)
        // It had its whole length by the true clock before it was broken.
        expect((broken?.at ?? END) - sequence[start]!.at).toBeGreaterThanOrEqual(10)
      }
    }),
  )
})

it('begins anew when the value changes, and stays when it does not', () => {
  const driver = new Driver({ changed: true, for: '10ms' })
  driver.send(0, 'open')
  driver.send(5, 'open')
  driver.send(8, 'closed')
  driver.wakeUntil(100)
  expect(driver.log).toEqual([[18, 3]])
})

it('is broken by a payload that the schema rejects', async () => {
  const { z } = await import('zod')
  const driver = new Driver({ payload: z.literal('open'), for: '10ms' })
  driver.send(0, 'open')
  expect(driver.send(5, 'closed').stage).toBe('payload')
  driver.wakeUntil(100)
  expect(driver.log).toEqual([])
})

it('holds the newest event only, until it fires', () => {
  const driver = new Driver({ for: '10ms' })
  driver.send(0, 1)
  driver.send(5, 1)
  expect(driver.held()).toEqual([2])
  driver.wakeUntil(100)
  expect(driver.held()).toEqual([])
})
