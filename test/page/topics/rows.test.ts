// Covers `src/page/topics/tree-keys.ts`.

import { describe, expect, it } from 'vitest'
import type { TopicFacts, TopicRow, TopicsFrame } from '../../../src/http/live/views.ts'
import { levelsAbove, NO_ROWS, rateNow, type Rows, withFrame } from '../../../src/page/topics/rows.ts'
import { keyMove } from '../../../src/page/topics/tree-keys.ts'

const row = (topic: string, more: Partial<TopicRow> = {}): TopicRow => ({
  topic,
  name: topic.split('/').at(-1)!,
  level: topic.split('/').length,
  position: 1,
  size: 1,
  children: 0,
  isOpen: false,
  ...more,
})
const facts = (messages: number): TopicFacts => ({
  isTopic: true,
  topics: 1,
  messages,
  rate: 2,
  ratedAt: 1_000,
  lastAt: 1_000,
  isRetained: false,
  value: { text: `${messages}` },
  bytes: 1,
})
const frame = (more: Partial<TopicsFrame>): TopicsFrame => ({
  kind: 'topics',
  total: 3,
  topics: 2,
  rate: 0,
  isRestoring: false,
  isSearching: false,
  found: 0,
  beyond: 0,
  facts: {},
  ...more,
})

describe('the rows that are here', () => {
  const first = withFrame(NO_ROWS, frame({ from: 4, rows: [row('a'), row('b')], facts: { a: facts(1) } }))

  it('take what changed and leave the others as they are', () => {
    const next = withFrame(first, frame({ facts: { b: facts(5) } }))
    expect(next.from).toBe(4)
    expect(next.rows[0]).toBe(first.rows[0])
    expect(next.rows[1]?.facts?.messages).toBe(5)
  })

  it('know of rows that moved what they knew, and forget those that have left', () => {
    const next = withFrame(first, frame({ from: 3, rows: [row('c'), row('a')] }))
    expect(next.rows.map(({ topic, facts: known }) => [topic, known?.messages])).toEqual([
      ['c', undefined],
      ['a', 1],
    ])
  })

  it('have a rate that falls while nothing comes', () => {
    expect(rateNow(facts(1), 1_000)).toBe(2)
    expect(rateNow(facts(1), 6_000)).toBeCloseTo(2 / Math.E)
    // The clock of the hub may be ahead.
    expect(rateNow(facts(1), 0)).toBe(2)
  })
})

it('finds the levels above a topic', () => {
  expect(['a', 'a/b/c', '/x'].map(levelsAbove)).toEqual([[], ['a', 'a/b'], ['']])
})

describe('a key in the tree', () => {
  const rows: Rows = withFrame(
    NO_ROWS,
    frame({
      total: 100,
      from: 10,
      rows: [
        row('house', { children: 2, isOpen: true }),
        row('house/hall', { children: 1 }),
        row('house/Kitchen'),
        row('power'),
      ],
    }),
  )
  const at = (active: number, key: string, typed = { text: '', at: 0 }, now = 10_000) =>
    keyMove(key, { rows, active, pageRows: 20, typed, now })

  it.each([
    [10, 'ArrowDown', { kind: 'go', to: 11 }],
    [10, 'ArrowUp', { kind: 'go', to: 9 }],
    [10, 'PageDown', { kind: 'go', to: 30 }],
    [10, 'Home', { kind: 'go', to: 0 }],
    [10, 'End', { kind: 'go', to: 99 }],
    [10, 'ArrowRight', { kind: 'go', to: 11 }],
    [11, 'ArrowRight', { kind: 'toggle', topic: 'house/hall', isOpen: true }],
    [12, 'ArrowRight', null],
    [10, 'ArrowLeft', { kind: 'toggle', topic: 'house', isOpen: false }],
    [12, 'ArrowLeft', { kind: 'go', to: 10 }],
    [13, 'ArrowLeft', null],
    [12, 'Enter', { kind: 'select', topic: 'house/Kitchen' }],
    [13, ' ', { kind: 'select', topic: 'power' }],
    [50, 'Enter', null],
    [10, 'Tab', null],
    [10, 'k', { kind: 'go', to: 12 }],
    [12, 'h', { kind: 'go', to: 10 }],
    [10, 'z', null],
  ])('on row %i, %s', (active, key, move) => {
    expect(at(active, key)).toEqual(move)
  })

  it('goes on with letters that follow at once, and begins anew behind a pause', () => {
    const typed = { text: '', at: 0 }
    expect(at(13, 'h', typed, 10_000)).toEqual({ kind: 'go', to: 10 })
    expect(at(10, 'a', typed, 10_300)).toEqual({ kind: 'go', to: 11 })
    expect(at(11, 'p', typed, 12_000)).toEqual({ kind: 'go', to: 13 })
  })
})
