// Covers `src/page/topics/use-samples.ts`, which `test/page/topics.test.ts` goes through.

import { describe, expect, it } from 'vitest'
import { type Sample, sampleOf, withSamples } from '../../../src/page/topics/samples.ts'

const sample = (event: number, at: number, text = 'x'): Sample => ({
  at,
  event,
  qos: 0,
  retain: false,
  client: null,
  origin: 'live',
  payload: { text },
  bytes: text.length,
})

describe('the last messages of a topic', () => {
  it('are in the order of time, each once, from the history and as they come', () => {
    const live = withSamples([], [sample(5, 50), sample(0, 60)])
    const all = withSamples(live, [sample(4, 40), sample(5, 50), sample(0, 45)])
    expect(all.map(({ event, at }) => [event, at])).toEqual([
      [4, 40],
      [0, 45],
      [5, 50],
      [0, 60],
    ])
  })

  it('are the newest thousand', () => {
    const all = withSamples(
      [],
      Array.from({ length: 1_500 }, (_, at) => sample(at + 1, at)),
    )
    expect([all.length, all[0]?.event]).toEqual([1_000, 501])
  })

  it('stay within a budget of bytes, and the last one is always there', () => {
    const large = 'x'.repeat(300_000)
    const all = withSamples(
      [],
      Array.from({ length: 9 }, (_, at) => sample(at + 1, at, large)),
    )
    expect(all.map(({ event }) => event)).toEqual([7, 8, 9])
    expect(withSamples([], [sample(1, 1, 'x'.repeat(5_000_000))])).toHaveLength(1)
  })
})

it.each([
  ['json', { a: 1 }, { text: '{"a":1}' }, 7],
  ['text', 'on', { text: 'on' }, 2],
  ['text', 'häuser', { text: 'häuser' }, 7],
  ['base64', 'AP8=', { base64: 'AP8=' }, 2],
] as const)('takes an event whose payload is %s', (encoding, payload, sent, bytes) => {
  const event = {
    id: 3,
    at: '2026-01-02T03:04:05.000Z',
    topic: 'a',
    payload,
    encoding,
    qos: 1,
    retain: true,
    origin: 'live',
    client: 'c',
  } as const
  expect(sampleOf(event)).toEqual({
    at: Date.UTC(2026, 0, 2, 3, 4, 5),
    event: 3,
    qos: 1,
    retain: true,
    client: 'c',
    origin: 'live',
    payload: sent,
    bytes,
  })
})
