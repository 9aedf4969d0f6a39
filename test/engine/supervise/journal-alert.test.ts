import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { JournalAlert } from '../../../src/engine/supervise/journal-alert.ts'

test('a journal that cannot be written is an alert, which stays open until people could be told', () => {
  const clock = new ManualClock(0)
  const said: unknown[] = []
  let trouble: string | null = null
  const alert = new JournalAlert({
    clock,
    trouble: () => trouble,
    alerts: {
      raise: (key, { body }) => void said.push(`raise ${key}: ${body}`),
      resolve: (key, words) => void said.push(`resolve ${key}: ${words?.body}`),
    },
  })
  alert.start()
  clock.advance(60_000)
  expect(said).toEqual([])
  trouble = 'The disk is full.'
  clock.advance(5_000)
  expect(said).toEqual(['raise journal: The disk is full.'])
  trouble = null
  clock.advance(60_000)
  expect(said).toHaveLength(1)
  clock.advance(5_000)
  expect(said.at(-1)).toBe('resolve journal: It could not be written for 5s.')
  void alert.stop()
  trouble = 'The disk is full.'
  clock.advance(60_000)
  expect(said).toHaveLength(2)
})
