import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { before } from '../../../src/engine/supervise/before.ts'

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
