import { expect, test } from 'vitest'
import { Blame } from '../../../src/engine/supervise/blame.ts'
import type { Ending } from '../../../src/engine/contain/ending.ts'

const died = (more: Partial<Ending> = {}): Ending => ({
  how: 'died',
  reason: 'died',
  unit: null,
  item: null,
  ...more,
})
const rule = { kind: 'rule', name: 'bad' } as const
const event = { kind: 'event', id: 7 } as const

test('code that took an engine down is quarantined at once, until the rules are loaded anew', () => {
  const blame = new Blame()
  expect(blame.judge(died({ unit: rule, item: event }))).toEqual({ unit: rule, item: null, pauseMs: 0 })
  expect(blame.circumstances).toMatchObject({ quarantined: [rule], setAside: [], careful: false })
  blame.acquit()
  expect(blame.circumstances).toMatchObject({ quarantined: [] })
})

test.each([event, { kind: 'run', id: 7 } as const])(
  '%o with which a second engine ends is set aside',
  (item) => {
    const blame = new Blame()
    expect(blame.judge(died({ item }))).toMatchObject({ item: null, pauseMs: 250 })
    expect(blame.circumstances).toMatchObject({ setAside: [], careful: true })
    expect(blame.judge(died({ item }))).toEqual({ unit: null, item, pauseMs: 0 })
    expect(blame.circumstances).toMatchObject({ setAside: [item], careful: true })
  },
)

test('two engines that end with an event each set none aside', () => {
  const blame = new Blame()
  blame.judge(died({ item: event }))
  blame.judge(died({ item: { ...event, id: 8 } }))
  expect(blame.circumstances.setAside).toEqual([])
})

test('pauses grow while nobody knows why engines end, and begin anew after one that lived long', () => {
  const blame = new Blame()
  const pauses = Array.from({ length: 9 }, () => blame.judge(died({ how: 'crashed' })).pauseMs)
  expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  blame.forget()
  expect(blame.judge(died()).pauseMs).toBe(250)
})

test('what was performed is the reason only when no rule was at work', () => {
  const blame = new Blame()
  blame.judge(died({ how: 'crashed' }))
  expect(blame.circumstances.deathsOutsideRules).toBe(0)
  blame.judge(died())
  blame.judge(died())
  expect(blame.circumstances.deathsOutsideRules).toBe(2)
  blame.judge(died({ item: event }))
  expect(blame.circumstances.deathsOutsideRules).toBe(0)
})
