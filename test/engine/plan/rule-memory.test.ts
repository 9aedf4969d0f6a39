import { expect, test } from 'vitest'
import { RuleMemory } from '../../../src/engine/plan/rule-memory.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { TOGETHER_STATES } from '../../../src/model/store.ts'

test('forgets what rules remember that are gone, and leaves what others do', () => {
  const draft = new Draft()
  const memory = new RuleMemory(draft)
  const owners = [
    { rule: 'there', key: 'a' },
    { rule: 'gone', key: 'a' },
    { rule: 'gone', key: 'b' },
    { rule: TOGETHER_STATES, key: 'there' },
    { rule: TOGETHER_STATES, key: 'gone' },
    { rule: '@retained', key: 'gone' },
  ]
  memory.restore(owners.map((owner) => ({ ...owner, state: {}, wakeAt: 5 })))
  memory.keepOnly((rule) => rule === 'there')
  const left = owners.filter((owner) => memory.state(owner) !== null)
  expect(left).toEqual([owners[0], owners[3], owners[5]])
  expect(draft.take().ruleStates).toEqual(
    [owners[1], owners[2], owners[4]].map((owner) => ({ ...owner, state: null, wakeAt: null })),
  )
})
