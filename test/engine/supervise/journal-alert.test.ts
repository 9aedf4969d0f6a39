import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { JournalAlert } from '../../../src/engine/supervise/journal-alert.ts'

function begin(trouble: () => string | null, open: readonly string[] = []) {
  const clock = new ManualClock(0)
  const said: unknown[] = []
  const alert = new JournalAlert({
    clock,
    trouble,
    alerts: {
      open: (prefix) => open.filter((key) => key.startsWith(prefix)),
      raise: (key, { body }) => void said.push(`raise ${key}: ${body}`),
      resolve: (key, words) => void said.push(`resolve ${key}: ${words?.body}`),
    },
  })
  alert.start()
  return { clock, said, alert }
}

test('a journal that cannot be written is an alert, which stays open until people could be told', () => {
  let trouble: string | null = null
  const { clock, said, alert } = begin(() => trouble)
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

test('the alert that a hub before has left open is resolved by the next hub', () => {
  const { clock, said } = begin(() => null, ['journal', 'journal/of-a-rule'])
  clock.advance(60_000)
  expect(said).toEqual([])
  clock.advance(5_000)
  expect(said).toEqual(['resolve journal: It could not be written before this hub was started.'])
  clock.advance(120_000)
  expect(said).toHaveLength(1)
})
