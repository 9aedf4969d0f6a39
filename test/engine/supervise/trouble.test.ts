import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Trouble } from '../../../src/engine/supervise/trouble.ts'

function begin() {
  const clock = new ManualClock()
  const told: (string | null)[] = []
  const state = { isAwaiting: false, isSilent: false }
  const trouble = new Trouble({
    clock,
    tell: (sentence) => told.push(sentence),
    isAwaitingRules: () => state.isAwaiting,
    isSilent: () => state.isSilent,
  })
  return { trouble, clock, told, state }
}

test('until the first engine is in charge, that none has come up is the trouble', () => {
  const { trouble } = begin()
  expect(trouble.sentence).toContain('No engine has come up yet.')
  trouble.cameUp(() => true)
  expect(trouble.sentence).toBeNull()
})

test('one death is no trouble, but is told while no other engine is in charge', () => {
  const { trouble } = begin()
  trouble.cameUp(() => true)
  trouble.died('was killed', false)
  expect([trouble.sentence, trouble.death]).toEqual([null, 'No engine is at work: the last one was killed.'])
  trouble.cameUp(() => true)
  expect(trouble.death).toBeNull()
})

test('engines that die in a row are the trouble until one has lived for ten seconds', () => {
  const { trouble, clock, told } = begin()
  trouble.cameUp(() => true)
  clock.advance(1)
  trouble.died('was killed', true)
  const sentence = 'The engine was killed, as engines before it ended. Events are kept;'
  expect(told.at(-1)).toContain(sentence)
  trouble.cameUp(() => false)
  clock.advance(10_000)
  expect(trouble.sentence).toContain(sentence)
  trouble.cameUp(() => true)
  clock.advance(9_999)
  expect(trouble.sentence).toContain(sentence)
  clock.advance(1)
  expect(told.at(-1)).toBeNull()
})

test('an engine that does not answer is a trouble, and rules that cannot be read are one of another kind', () => {
  const { trouble, state } = begin()
  trouble.cameUp(() => true)
  state.isSilent = true
  expect(trouble.sentence).toContain('The engine does not answer.')
  state.isAwaiting = true
  expect(trouble.sentence).toBeNull()
})

test('a hub that stops tells of no trouble', () => {
  const { trouble, told } = begin()
  trouble.end()
  trouble.died('was killed', true)
  expect([trouble.sentence, told]).toEqual([null, []])
})
