import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { before, pause } from '../../../src/engine/supervise/pause.ts'

test('a pause ends with its time, or with its signal', async () => {
  const clock = new ManualClock()
  const { signal } = new AbortController()
  const ended: string[] = []
  void pause(clock, 10, signal).then(() => ended.push('time'))
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
})

test('an answer counts until the signal comes, and afterwards nobody is asked', async () => {
  const clock = new ManualClock()
  const over = new AbortController()
  expect(await before(clock, over.signal, async () => 'answer')).toBe('answer')
  const unanswered = before(clock, over.signal, () => new Promise(() => {}))
  over.abort()
  await expect(unanswered).rejects.toThrow('the hub stops')
  let asked = 0
  const late = before(clock, over.signal, async () => asked++)
  await expect(late).rejects.toThrow('the hub stops')
  expect(asked).toBe(0)
})
