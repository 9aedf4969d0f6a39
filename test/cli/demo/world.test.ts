// Covers `src/cli/demo/random.ts`.

import { expect, it } from 'vitest'
import { CLIENTS, type Happening, happenings, HOUR } from '../../../src/cli/demo/world.ts'

/** What happens in the first hours. */
function within(seed: number, hours: number): readonly Happening[] {
  const found: Happening[] = []
  for (const happening of happenings(seed)) {
    if (happening.atMs > hours * HOUR) break
    found.push(happening)
  }
  return found
}

it('is the same world for the same seed, and another for another one', () => {
  expect(within(7, 12)).toEqual(within(7, 12))
  expect(within(7, 12)).not.toEqual(within(8, 12))
})

it('goes forward in time, on topics that can be published, at a rate that a person can follow', () => {
  const day = within(1, 24)
  expect(day.map(({ atMs }) => atMs)).toEqual(day.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
  expect(day.length / 24 / 60).toBeGreaterThan(1)
  expect(day.length / 24 / 60).toBeLessThan(10)
  const topics = day.flatMap((each) => (each.kind === 'publish' ? [each.topic] : []))
  expect(topics.filter((topic) => !/^(?:house|devices|builds|tasks)\/[\w/-]+$/.test(topic))).toEqual([])
  expect(new Set(day.map(({ client }) => client))).toEqual(new Set(CLIENTS))
})

it('has each day what the rules are about: lost devices, doors left open, builds and backups that fail', () => {
  for (const seed of [1, 2, 3]) {
    const day = within(seed, 24)
    const texts = day.map((each) => (each.kind === 'publish' ? `${each.topic} ${each.payload}` : each.kind))
    const count = (pattern: RegExp): number => texts.filter((text) => pattern.test(text)).length
    expect(count(/^lost$/)).toBeGreaterThan(3)
    // A device that is lost comes back, before it is lost again.
    expect(
      day
        .filter(({ kind }) => kind !== 'publish')
        .map(({ kind }) => kind)
        .slice(0, 4),
    ).toEqual(['lost', 'back', 'lost', 'back'])
    expect(count(/^house\/doors\/garage open$/)).toBeGreaterThan(10)
    expect(count(/^builds\/site\/result .*FAILURE/)).toBeGreaterThan(1)
    expect(count(/^builds\/site\/result .*SUCCESS/)).toBeGreaterThan(count(/^builds\/site\/result .*FAILURE/))
    expect(count(/^tasks\/backup\/start/)).toBeGreaterThan(5)
    expect(count(/^tasks\/backup\/done/)).toBeGreaterThan(2)
  }
})

it('is warmer in the garden in the afternoon than at night', () => {
  const garden = within(1, 24).flatMap((each) =>
    each.kind === 'publish' && each.topic === 'house/garden/temperature'
      ? [{ hour: (7 + each.atMs / HOUR) % 24, celsius: Number(each.payload) }]
      : [],
  )
  const mean = (from: number, to: number): number => {
    const found = garden.filter(({ hour }) => hour >= from && hour < to)
    return found.reduce((sum, { celsius }) => sum + celsius, 0) / found.length
  }
  expect(mean(14, 18)).toBeGreaterThan(mean(2, 6) + 5)
})
