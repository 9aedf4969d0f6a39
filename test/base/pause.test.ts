import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { pause } from '../../src/base/pause.ts'

test('a pause ends with its time, or with its signal', async () => {
  const clock = new ManualClock()
  const ended: string[] = []
  void pause(clock, 10).then(() => ended.push('time'))
  clock.advance(9)
  await Promise.resolve()
  expect(ended).toEqual([])
  clock.advance(1)
  await Promise.resolve()
  expect(ended).toEqual(['time'])
  const over = new AbortController()
  const cut = pause(clock, Infinity, over.signal)
  over.abort()
  await cut
  await pause(clock, Infinity, over.signal)
  expect(clock.nextAt).toBeNull()
})

test('a pause that is over leaves nothing on the signal: many of them wait for one', async () => {
  const clock = new ManualClock()
  const { signal } = new AbortController()
  const over = pause(clock, 10, signal)
  clock.advance(10)
  await over
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
