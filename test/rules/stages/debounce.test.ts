import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Driver } from '../drive.ts'
import { divergence, messages, played } from '../sequences.ts'
import type { Message } from '../sequences.ts'

const followedWithin = (sequence: readonly Message[], index: number, lengthMs: number): boolean =>
  sequence.slice(index + 1).some((later) => later.at < sequence[index]!.at + lengthMs)

it('fires after every quiet, with the last message before it', () => {
  expect(
    divergence({ debounce: '10ms' }, (sequence) =>
      sequence.flatMap(({ at }, index) =>
        followedWithin(sequence, index, 10) ? [] : [[at + 10, index + 1]],
      ),
    ),
  ).toBeNull()
})

it('lets nobody wait longer than the longest wait, and answers for every message', () => {
  fc.assert(
    fc.property(messages(), (sequence) => {
      const fired = played({ debounce: { quiet: '10ms', longest: '25ms' } }, sequence)
      for (const [index, { at }] of sequence.entries()) {
        const answer = fired.find(([, event]) => event >= index + 1)
        expect(answer, `message ${index + 1} of ${at}`).toBeDefined()
        expect(answer![0] - at).toBeLessThanOrEqual(25)
      }
      for (const [at, event] of fired) {
        // Either it was quiet, or somebody had waited long enough.
        const group = sequence.filter((message, index) => index < event && message.at >= at - 25)
        const quiet = at - sequence[event - 1]!.at === 10
        expect(quiet || group.some((message) => message.at === at - 25)).toBe(true)
      }
    }),
  )
})

it.each([
  ['fire', 10],
  ['continue', 1_005],
  ['restart', 1_010],
  ['drop', null],
] as const)('with onGap: %s a message that waits when the hub goes down is due at %s', (onGap, wakeAt) => {
  const driver = new Driver({ debounce: '10ms', onGap })
  driver.send(0)
  driver.downtime(5, 1_000)
  expect(driver.kept().wakeAt).toBe(wakeAt)
})

it('says of which event it was that the downtime made it drop', () => {
  const driver = new Driver({ debounce: '10ms', onGap: 'drop' })
  driver.send(0)
  driver.downtime(5, 60_005)
  expect(driver.verdicts.at(-1)).toMatchObject({
    event: 1,
    stage: 'debounce',
    reason: 'dropped: the hub was down for 1m',
  })
})
