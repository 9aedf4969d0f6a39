import { expect, test } from 'vitest'
import { rememberTold, untoldDowntimes } from '../../../src/engine/plan/downtime.ts'
import { RuleMemory } from '../../../src/engine/plan/rule-memory.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'

const downtime = (fromAt: number, toAt: number) => ({ fromAt, toAt, clean: true })
const all = [downtime(1, 2), downtime(5, 6), downtime(8, 9)]
const reads = { downtimes: () => all }

/** The memory of an engine that begins with what the one before it has committed. */
function successor(draft: Draft): { draft: Draft; memory: RuleMemory } {
  const next = new Draft()
  const memory = new RuleMemory(next)
  memory.restore(draft.take().ruleStates ?? [])
  return { draft: next, memory }
}

test('all downtimes are untold at first, and those after the last that was told later', () => {
  const memory = new RuleMemory(new Draft())
  expect(untoldDowntimes(reads, memory)).toEqual(all)
  rememberTold(all[1]!, memory)
  expect(untoldDowntimes(reads, memory)).toEqual([all[2]])
  rememberTold(all[2]!, memory)
  expect(untoldDowntimes(reads, memory)).toEqual([])
})

test('an engine that replaces another does not tell again what is committed as told', () => {
  const first = successor(new Draft())
  rememberTold(all[2]!, first.memory)
  const second = successor(first.draft)
  expect(untoldDowntimes(reads, second.memory)).toEqual([])
})
