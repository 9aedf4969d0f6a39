import { expect, it } from 'vitest'
import { beatsOf, shareText, type Span, spansOf, upShare } from '../../../src/page/pings/beats.ts'

const iso = (at: number): string => new Date(at).toISOString()
const stretch = { from: 1_000, until: 1_100 }

it('knows what holds since before the stretch', () => {
  const spans = spansOf([], { state: 'up', since: iso(10) }, stretch.from)
  expect(beatsOf(spans, stretch, 4)).toEqual(['up', 'up', 'up', 'up'])
  expect(upShare(spans, stretch)).toBe(1)
})

it('knows nothing before the first report', () => {
  const spans = spansOf([], { state: 'down', since: iso(1_050) }, stretch.from)
  expect(beatsOf(spans, stretch, 4)).toEqual([null, null, 'down', 'down'])
  expect(upShare(spansOf([], { state: 'unknown', since: null }, stretch.from), stretch)).toBeNull()
})

it('shows the worst state of each beat', () => {
  const flips: Span[] = [
    { at: 1_010, state: 'up' },
    { at: 1_030, state: 'down' },
    { at: 1_035, state: 'up' },
    { at: 1_080, state: 'flapping' },
  ]
  const spans = spansOf(flips, { state: 'flapping', since: iso(1_080) }, stretch.from)
  expect(beatsOf(spans, stretch, 4)).toEqual(['up', 'down', 'up', 'flapping'])
  expect(upShare(spans, stretch)).toBeCloseTo(65 / 90)
})

it.each([
  [1, '100 %'],
  [0.999_999, '99.99 %'],
  [0.5, '50.00 %'],
])('writes a share of %d as %s', (share, text) => {
  expect(shareText(share)).toBe(text)
})
