import { expect, test } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { Expectations } from '../../../src/engine/plan/expectations.ts'
import { RuleMemory } from '../../../src/engine/plan/rule-memory.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import type { RuleState } from '../../../src/model/store.ts'

const store: RuleState[] = []

/** An engine's life: what it publishes, with what it remembers written to the store. */
async function live(...topics: string[]): Promise<string[]> {
  const said: string[] = []
  const draft = new Draft()
  const memory = new RuleMemory(draft)
  memory.restore(store)
  const flush = async (): Promise<void> => void store.push(...(draft.take().ruleStates ?? []))
  const publish = async ({ topic }: { readonly topic: string }): Promise<number> => said.push(topic)
  const expectations = new Expectations(
    topics.map((topic) => ({ rule: 'r', topic })),
    { log: silentLog, memory, flush, publish, isPaused: () => false },
  )
  expectations.start()
  await expectations.stop()
  await flush()
  return said
}

test('each expected topic is said once, through restarts, until nobody expects it any more', async () => {
  expect(await live('vigie/expected/r/a', 'vigie/expected/r/b')).toEqual([
    'vigie/expected/r/a',
    'vigie/expected/r/b',
  ])
  expect(await live('vigie/expected/r/a', 'vigie/expected/r/b')).toEqual([])
  expect(await live('vigie/expected/r/b', 'vigie/expected/r/c')).toEqual(['vigie/expected/r/c'])
  expect(await live('vigie/expected/r/a')).toEqual(['vigie/expected/r/a'])
})

test('what a paused rule expects is said when the rule is resumed', async () => {
  const said: string[] = []
  const paused = new Set(['r'])
  const draft = new Draft()
  const expectations = new Expectations(
    [
      { rule: 'r', topic: 'vigie/expected/r/a' },
      { rule: 's', topic: 'vigie/expected/s/a' },
    ],
    {
      log: silentLog,
      memory: new RuleMemory(draft),
      flush: async () => {},
      publish: async ({ topic }) => said.push(topic),
      isPaused: (rule) => paused.has(rule),
    },
  )
  expectations.start()
  await expectations.stop()
  expect(said).toEqual(['vigie/expected/s/a'])
  paused.clear()
  expectations.resumed('r')
  expectations.resumed('s')
  await expectations.stop()
  expect(said).toEqual(['vigie/expected/s/a', 'vigie/expected/r/a'])
})
