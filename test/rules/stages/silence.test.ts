// Covers `src/rules/authoring/triggers/silence.ts`, `src/rules/stages/timer.ts`.

import { expect, it } from 'vitest'
import { silence } from '../../../src/rules/authoring/triggers/silence.ts'
import { Driver } from '../drive.ts'
import { divergence } from '../sequences.ts'
import type { Fired, Message } from '../sequences.ts'

const on = silence('t/+id', '10ms')

/** Every message that no other one follows within 10 ms is followed by silence. */
const model = (sequence: readonly Message[]): Fired =>
  sequence.flatMap(({ at }, index) =>
    sequence.slice(index + 1).some((later) => later.at < at + 10) ? [] : [[at + 10, index + 1] as const],
  )

it('fires whenever a topic that spoke has been silent that long', () => {
  expect(divergence({ on }, model)).toBeNull()
})

it('hears only the messages that meet the conditions', () => {
  expect(
    divergence({ on, when: ({ payload }) => payload === 1 }, (sequence) => {
      const numbers = sequence.flatMap(({ value }, index) => (value === 1 ? [index + 1] : []))
      return model(sequence.filter(({ value }) => value === 1)).map(([at, event]) => [
        at,
        numbers[event - 1]!,
      ])
    }),
  ).toBeNull()
})

it('watches each params by itself', () => {
  const driver = new Driver({ on })
  driver.send(0, 1, { topic: 't/a' })
  driver.send(5, 1, { topic: 't/b' })
  driver.send(9, 1, { topic: 't/a' })
  driver.wakeUntil(100)
  expect(driver.firings.map(({ at, key }) => [at, key])).toEqual([
    [15, 'b'],
    [19, 'a'],
  ])
})

it('listens for the whole length again after the hub was down, when nobody could be heard', () => {
  const driver = new Driver({ on })
  driver.send(0)
  driver.downtime(5, 1_000)
  driver.wakeUntil(5_000)
  expect(driver.log).toEqual([[1_010, 1]])
})
