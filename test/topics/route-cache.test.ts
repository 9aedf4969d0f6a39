import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { TopicError } from '../../src/topics/names.ts'
import { RouteCache, seededHash } from '../../src/topics/route-cache.ts'
import type { Hash, RouteCacheOptions } from '../../src/topics/route-cache.ts'

/** A cache whose answers tell how often the resolver was asked, and a way to look a string up in the midst of a buffer. */
function newCache(options: Partial<RouteCacheOptions<string>> = {}) {
  const asked: string[] = []
  const cache = new RouteCache<string>({
    resolve: (topic) => {
      asked.push(topic)
      return `answer to ${topic}`
    },
    ...options,
  })
  const lookup = (topic: string) => {
    const bytes = Buffer.from(`<<${topic}>`)
    return cache.lookup(bytes, 2, bytes.length - 1)
  }
  return { cache, asked, lookup }
}

const allCollide: Hash = () => 7
const byLength: Hash = (_bytes, start, end) => end - start

describe('the route cache', () => {
  test('asks the resolver once for a topic', () => {
    const { asked, lookup } = newCache()
    expect(lookup('a/b')).toEqual({ topic: 'a/b', answer: 'answer to a/b', epoch: 0 })
    expect(lookup('a/b')).toBe(lookup('a/b'))
    expect(asked).toEqual(['a/b'])
  })

  test('keeps its own copy of the bytes', () => {
    const { cache, asked } = newCache()
    const bytes = Buffer.from('a/b')
    cache.lookup(bytes, 0, 3)
    bytes.write('c/d')
    expect(cache.lookup(bytes, 0, 3).topic).toBe('c/d')
    expect(cache.lookup(Buffer.from('a/b'), 0, 3).topic).toBe('a/b')
    expect(asked).toEqual(['a/b', 'c/d'])
  })

  test('resolves a topic anew after a bump, when it is next asked for and not before', () => {
    const { cache, asked, lookup } = newCache()
    lookup('a')
    lookup('b')
    cache.bump()
    expect(asked).toEqual(['a', 'b'])
    expect(lookup('a').epoch).toBe(1)
    expect(asked).toEqual(['a', 'b', 'a'])
  })

  test('does not take an answer for fresh that a bump overtook while it was worked out', () => {
    let bumps = 1
    const cache: RouteCache<number> = new RouteCache({
      resolve: () => {
        if (bumps-- > 0) cache.bump()
        return cache.epoch
      },
    })
    expect(cache.lookup(Buffer.from('a'), 0, 1)).toMatchObject({ answer: 1, epoch: 0 })
    expect(cache.lookup(Buffer.from('a'), 0, 1)).toMatchObject({ answer: 1, epoch: 1 })
  })

  test('throws what the resolver throws, and keeps nothing of it', () => {
    const asked: string[] = []
    const { cache, lookup } = newCache({
      resolve: (topic) => {
        asked.push(topic)
        throw new TopicError(`no ${topic}`)
      },
    })
    expect(() => lookup('a/+')).toThrow(new TopicError('no a/+'))
    expect(() => lookup('a/+')).toThrow(new TopicError('no a/+'))
    expect([asked, cache.size]).toEqual([['a/+', 'a/+'], 0])
  })

  test('gives no old answer when the resolver refuses a topic that it once took', () => {
    let open = true
    const { cache, lookup } = newCache({
      resolve: (topic) => {
        if (!open) throw new TopicError('closed')
        return topic
      },
    })
    lookup('a')
    open = false
    cache.bump()
    expect(() => lookup('a')).toThrow('closed')
    open = true
    expect(lookup('a')).toMatchObject({ answer: 'a', epoch: 1 })
  })

  test.each([
    ['a stray byte', [0x61, 0xff]],
    ['a cut character', [0x61, 0xc3]],
    ['a slash in two bytes', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
  ])('refuses %s as malformed, without asking the resolver', (_name, bytes) => {
    const { cache, asked } = newCache()
    expect(() => cache.lookup(Buffer.from(bytes), 0, bytes.length)).toThrow(
      expect.objectContaining({ reason: 'malformed' }),
    )
    expect([asked, cache.size]).toEqual([[], 0])
  })

  test('keeps every character as it is, a byte order mark too', () => {
    const { lookup } = newCache()
    for (const topic of ['\ufeffa', 'grüße/東京/🚪', '\u0001', '']) expect(lookup(topic).topic).toBe(topic)
  })

  test('keeps the topics that are in use when it is full, and drops the others', () => {
    const { cache, asked, lookup } = newCache({ maxEntries: 8 })
    lookup('used')
    for (let index = 0; index < 1000; index++) {
      lookup(`once/${index}`)
      lookup('used')
      expect(cache.size).toBeLessThanOrEqual(8)
    }
    expect(asked.filter((topic) => topic === 'used')).toHaveLength(1)
  })

  test('holds half of its entries for sure', () => {
    const { asked, lookup } = newCache({ maxEntries: 2048 })
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 1024; index++) lookup(`topic/${index}`)
    }
    expect(asked).toHaveLength(1024)
  })

  test('is bounded in bytes, and answers without keeping what is larger than all its space', () => {
    const { cache, asked, lookup } = newCache({ maxBytes: 100 })
    for (let index = 0; index < 100; index++) lookup(`${index}`.padStart(25, '0'))
    expect(cache.size).toBeLessThanOrEqual(4)
    const size = cache.size
    const large = 'x'.repeat(51)
    expect([lookup(large).topic, lookup(large).topic, cache.size]).toEqual([large, large, size])
    expect(asked.filter((topic) => topic === large)).toHaveLength(2)
  })

  test('answers rightly where every name has the same hash, and keeps only a short chain of them', () => {
    const { cache, lookup } = newCache({ hash: allCollide })
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 200; index++) expect(lookup(`t/${index}`).topic).toBe(`t/${index}`)
    }
    expect(cache.size).toBe(16)
  })

  test.each<[string, Hash | undefined]>([
    ['a seeded hash', seededHash(42)],
    ['one hash for all', allCollide],
    ['one hash for all of a length', byLength],
  ])('gives what the resolver gives, through any look-ups and bumps, with %s', (_name, hash) => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é'), maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    )
    const sizes = fc.record({ maxEntries: fc.integer({ min: 1, max: 40 }), maxBytes: fc.nat(100) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), sizes, (steps, { maxEntries, maxBytes }) => {
        let world = 0
        const { cache, lookup } = newCache({
          ...(hash && { hash }),
          resolve: (topic) => `${topic} in world ${world}`,
          maxEntries,
          maxBytes,
        })
        for (const topic of steps) {
          if (topic === undefined) {
            world++
            cache.bump()
            continue
          }
          expect(lookup(topic)).toEqual({ topic, answer: `${topic} in world ${world}`, epoch: world })
        }
        expect(cache.size).toBeLessThanOrEqual(Math.max(2, maxEntries))
      }),
      { numRuns: 300 },
    )
  })
})

describe('the seeded hash', () => {
  const shapes: readonly (readonly [string, (index: number) => string])[] = [
    ['end in a number', (index) => `topic/${index}`],
    ['begin with a number', (index) => `${index}/state`],
    ['hold a padded number', (index) => `site/${`${index}`.padStart(8, '0')}/temperature`],
    ['hold two numbers', (index) => `floor${index % 64}/room${index >> 6}`],
    ['are letters', (index) => index.toString(2).padStart(17, '0').replaceAll('0', 'a').replaceAll('1', 'b')],
    [
      'are a MAC address',
      (index) => (index * 0x10001).toString(16).padStart(12, '0').match(/../g)!.join(':'),
    ],
  ]

  test.each(shapes.flatMap(([name, shape]) => [1, 2, 3].map((seed) => [name, seed, shape] as const)))(
    'leaves no chain long where 16,384 names %s (seed %i)',
    (_name, seed, shape) => {
      const { cache, lookup } = newCache({ hash: seededHash(seed), maxEntries: 32_768 })
      for (let index = 0; index < 16_384; index++) lookup(shape(index))
      expect(cache.size).toBe(16_384)
    },
  )

  test('differs with the seed', () => {
    const bytes = Buffer.from('sensors/1/temperature')
    expect(seededHash(1)(bytes, 0, bytes.length)).not.toBe(seededHash(2)(bytes, 0, bytes.length))
  })
})
