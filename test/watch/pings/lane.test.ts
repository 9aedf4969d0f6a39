import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Lane } from '../../../src/watch/pings/lane.ts'

test('lets as many jobs be under way as it is wide, and the others in the order in which they came', async () => {
  const lane = new Lane(2)
  const begun: string[] = []
  const ends: (() => void)[] = []
  const enter = (name: string): void =>
    lane.enter(() => {
      begun.push(name)
      return new Promise((resolve) => ends.push(resolve))
    })
  for (const name of 'abcde') enter(name)
  expect(begun.join('')).toBe('ab')
  ends.shift()?.()
  await setImmediate()
  expect(begun.join('')).toBe('abc')
  const empty = lane.empty()
  for (const end of ends) end()
  await empty
  expect(begun.join('')).toBe('abc')
})
