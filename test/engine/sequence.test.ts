import { beforeEach, expect, test } from 'vitest'
import { Draft } from '../../src/engine/draft.ts'
import { RuleMemory } from '../../src/engine/rule-memory.ts'
import { Sequence } from '../../src/engine/sequence.ts'
import type { Event } from '../../src/model/event.ts'
import type { Downtime } from '../../src/model/store.ts'

let said: string[]
let memory: RuleMemory
beforeEach(() => {
  said = []
  memory = new RuleMemory(new Draft())
})

const sequence = (downtime: Downtime | null = null): Sequence =>
  new Sequence({
    memory,
    decisions: {
      take: ({ id }) => said.push(`event ${id}`),
      wake: ({ key }, at) => said.push(`wake ${key} ${at}`),
      gap: (fromAt, toAt) => said.push(`gap ${fromAt}-${toAt}`),
    },
    downtime,
    spanned: () => said.push('spanned'),
  })
const event = (id: number, at: number): Event => ({ id, at, topic: 'a' }) as Event
const wakeAt = (key: string, at: number): void =>
  memory.restore([{ rule: 'r', key, state: {}, wakeAt: at, oldestEvent: null }])

test('wakes that are due by an event come before it, in order of time', () => {
  wakeAt('late', 200)
  wakeAt('early', 100)
  wakeAt('later', 201)
  sequence().take(event(1, 200))
  expect(said).toEqual(['wake early 100', 'wake late 200', 'event 1'])
})

test('the time in which nobody watched comes after the events before it and before those since, once', () => {
  const those = sequence({ fromAt: 100, toAt: 200, clean: true })
  those.take(event(1, 99))
  those.take(event(2, 200))
  those.span()
  expect(said).toEqual(['event 1', 'gap 100-200', 'spanned', 'event 2'])
})

test('without an event since, it comes when none is left', () => {
  sequence({ fromAt: 100, toAt: 200, clean: true }).span()
  expect(said).toEqual(['gap 100-200', 'spanned'])
})
