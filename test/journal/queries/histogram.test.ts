import { expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openBench } from '../fixtures.ts'
import { event } from '../nouns.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = 1_008 * HOUR

/** One event a minute for a day; every tenth is on another topic. */
const all = Array.from({ length: 24 * 60 }, (_, minute) =>
  event(minute + 1, { at: START + minute * MINUTE, topic: minute % 10 === 0 ? 'b/x' : 'a' }),
)

function open() {
  const { dataDir, writer } = openBench({ now: START })
  writer.commit({ events: all })
  return openQueries(dataDir)
}

const within = (from: number, until: number, topic?: string): number =>
  all.filter((each) => each.at >= from && each.at <= until && (topic === undefined || each.topic === topic))
    .length

it.each([
  [2 * HOUR, 60, 2 * MINUTE],
  [2 * HOUR, 10, 30 * MINUTE],
  [24 * HOUR, 60, 30 * MINUTE],
  [24 * HOUR, 24, HOUR],
  [48 * HOUR, 10, 6 * HOUR],
])('counts %d ms in %d steps at most', (length, bars, stepMs) => {
  const since = START
  const until = START + length - 1
  for (const filter of [undefined, 'b/#']) {
    const plot = open().histogram({ since, until, bars, ...(filter !== undefined && { filter }) })
    expect(plot).toMatchObject({ from: START, stepMs })
    expect(plot.counts).toEqual(
      plot.counts.map((_, index) =>
        within(START + index * stepMs, START + (index + 1) * stepMs - 1, filter && 'b/x'),
      ),
    )
    expect(plot.counts.length).toBeLessThanOrEqual(bars)
  }
})

it('leaves out what is before and after, in short steps', () => {
  const since = START + 90 * MINUTE + 1
  const until = START + 100 * MINUTE
  const { counts } = open().histogram({ since, until, bars: 20 })
  expect(counts.reduce((sum, count) => sum + count)).toBe(10)
})

it('has nothing to count in a time without events', () => {
  const { counts } = open().histogram({ since: START - 48 * HOUR, until: START - 24 * HOUR, bars: 12 })
  expect(new Set(counts)).toEqual(new Set([0]))
})
