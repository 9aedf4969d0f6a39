import { describe, expect, it } from 'vitest'
import type { MessagesFrame } from '../../../src/http/live/views.ts'
import { clear, EMPTY, type LiveList, resume, sampling, take } from '../../../src/page/live/live-list.ts'

const frame = (seen: number, ...texts: string[]): MessagesFrame => ({
  kind: 'messages',
  seen,
  unsearched: 0,
  messages: texts.map((text) => ({
    topic: 'a',
    at: 0,
    event: 0,
    qos: 0,
    retain: false,
    origin: 'live',
    client: null,
    payload: { text },
    bytes: text.length,
  })),
})
const shown = ({ shown: messages }: LiveList) => messages.map(({ payload }) => payload.text)

describe('the messages that are shown', () => {
  it('have the newest first, each with a number of its own', () => {
    const list = take(take(EMPTY, frame(2, 'a', 'b'), false, 0), frame(1, 'c'), false, 250)
    expect(shown(list)).toEqual(['c', 'b', 'a'])
    expect(list.shown.map(({ number }) => number)).toEqual([3, 2, 1])
  })

  it('stay as they are while paused, and what came is counted and shown afterwards', () => {
    let list = take(EMPTY, frame(1, 'a'), false, 0)
    list = take(list, frame(50, 'b'), true, 250)
    list = take(list, frame(3, 'c'), true, 500)
    expect([shown(list), list.waiting]).toEqual([['a'], 53])
    list = resume(list)
    expect([shown(list), list.waiting]).toEqual([['c', 'b', 'a'], 0])
    expect(shown(clear(list))).toEqual([])
  })

  it('are few enough for any browser, paused or not', () => {
    const many = Array.from({ length: 200 }, (_, at) => `${at}`)
    let list = EMPTY
    for (let round = 0; round < 4; round++) list = take(list, frame(200, ...many), round > 1, round)
    expect([list.shown.length, list.aside.length]).toEqual([300, 300])
    list = take(EMPTY, frame(9, ...many.slice(0, 9).map(() => 'x'.repeat(200_000))), false, 0)
    expect(list.shown).toHaveLength(5)
  })
})

describe('what is said of them', () => {
  it.each([
    [0, 0, 0, 'Quiet'],
    [3, 3, 0, 'Showing all, 6 a second'],
    [5_000, 60, 0, 'Showing 60 of 5,000 a second'],
    [10, 10, 400, 'Showing all, 10 a second; 400 a second were not searched'],
  ])('of %i with %i shown and %i unsearched', (seen, sent, unsearched, says) => {
    const half = (value: number): number => (says.includes('6 a') ? value : value / 2)
    let list = EMPTY
    for (const at of [0, 250, 500, 750])
      list = take(
        list,
        {
          ...frame(half(seen), ...Array.from({ length: half(sent) }, () => 'x')),
          unsearched: half(unsearched),
        },
        false,
        at,
      )
    expect(sampling(list, 1_000)).toBe(says)
  })

  it('is of the last two seconds', () => {
    expect(sampling(take(EMPTY, frame(9, 'a'), false, 0), 3_000)).toBe('Quiet')
  })
})
