// Covers `src/http/live/topic-index.ts`, `src/http/live/topic-node.ts`, `src/http/live/window.ts`: held to models that
// keep every message, and that lay out the whole tree.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RATE_MS, TopicIndex } from '../../../src/http/live/topic-index.ts'
import { PREVIEW_BYTES } from '../../../src/http/live/topic-node.ts'
import { windowOf } from '../../../src/http/live/window.ts'
import { event } from '../../journal/nouns.ts'
import type { ObservedMessage } from '../../../src/model/observer.ts'

const topicOf = (topic: string, recorded = true) => ({ topic, recorded, observed: null as object | null })

let events = 0
const messageOf = (text: string, id = ++events): ObservedMessage => {
  const payload = Buffer.from(`<${text}>`)
  return {
    qos: 1,
    retain: false,
    event: id,
    draft: { payload, payloadStart: 1, payloadEnd: payload.length - 1 },
  }
}

const name = fc.constantFrom('a', 'b', 'c', '', 'B', 'ä')
const topic = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))

/** What is at or below a level. */
const isBelow = (level: string, each: string): boolean => each === level || each.startsWith(`${level}/`)

describe('the index of topics', () => {
  it('counts at each level what was published at it and below it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(topic, fc.constant(null)), { maxLength: 60 }), (steps) => {
        const index = new TopicIndex()
        const published: string[] = []
        for (const step of steps) {
          if (step === null) index.fold(1_000)
          else {
            index.observe(topicOf(step), messageOf('x'))
            published.push(step)
          }
        }
        index.fold(1_000)
        const levels = new Set(
          published.flatMap((each) => each.split('/').map((_, at, all) => all.slice(0, at + 1).join('/'))),
        )
        for (const level of levels) {
          const below = published.filter((each) => isBelow(level, each))
          expect(index.find(level)).toMatchObject({ messages: below.length, topics: new Set(below).size })
        }
        expect(index.root).toMatchObject({ messages: published.length, topics: new Set(published).size })
      }),
    )
  })

  it('shows the rows that a tree laid out as a whole has there', () => {
    fc.assert(
      fc.property(
        fc.array(topic, { maxLength: 40 }),
        fc.array(topic, { maxLength: 12 }),
        fc.nat(30),
        fc.nat(12),
        (published, opened, from, count) => {
          const index = new TopicIndex()
          for (const each of published) index.observe(topicOf(each), messageOf('x'))
          const open = new Set(opened.flatMap((each) => index.find(each) ?? []))
          const { total, rows } = windowOf(index.root, open, from, count)
          const all = layOut(published, new Set(opened))
          expect(total).toBe(all.length)
          expect(
            rows.map(({ node, level, position, size }) => ({ topic: node.topic, level, position, size })),
          ).toEqual(all.slice(from, from + count))
        },
      ),
    )
  })

  it('has a value where somebody looks, and says where only the history has it', () => {
    const index = new TopicIndex()
    const lamp = topicOf('lamp')
    index.observe(lamp, messageOf('one'))
    const node = index.find('lamp')!
    expect([node.value, node.isStale]).toEqual([null, true])
    node.copies = 2
    index.observe(lamp, messageOf('two'))
    expect([textOf(node.value), node.isStale]).toEqual(['two', false])
    index.observe(lamp, messageOf('three'))
    index.observe(lamp, messageOf('four'))
    expect([textOf(node.value), node.isStale]).toEqual(['three', true])
  })

  it('keeps the value of what the history does not record', () => {
    const index = new TopicIndex()
    const scratch = topicOf('scratch', false)
    for (const text of ['one', 'x'.repeat(600), 'three']) index.observe(scratch, messageOf(text, 0))
    expect(textOf(index.find('scratch')!.value)).toBe('three')
  })

  it('keeps the beginning of a long payload, and its length', () => {
    const index = new TopicIndex()
    const long = topicOf('long', false)
    index.observe(long, messageOf('y'.repeat(1_000)))
    expect(index.find('long')!.value).toMatchObject({ bytes: 1_000 })
    expect(index.find('long')!.value!.payload).toHaveLength(PREVIEW_BYTES)
  })

  it('asks the history again while that is behind, and no longer than that makes sense', () => {
    const index = new TopicIndex()
    const fast = topicOf('fast')
    index.observe(fast, messageOf('new', 90))
    const node = index.find('fast')!
    const old = { payload: Buffer.from('old'), bytes: 3, qos: 0, event: 89 }
    index.hold(node, old)
    expect([textOf(node.value), node.isStale]).toEqual(['old', true])
    for (let asked = 1; asked < 8; asked++) index.hold(node, old)
    expect(node.isStale).toBe(false)
    index.observe(fast, messageOf('newest', 91))
    index.hold(node, { ...old, payload: Buffer.from('newest'), event: 91 })
    expect([textOf(node.value), node.isStale]).toEqual(['newest', false])
  })

  it('adds what the history counted to what came since, once', () => {
    const index = new TopicIndex()
    const lamp = topicOf('house/lamp')
    index.observe(lamp, messageOf('on', 101))
    index.fold(5_000)
    // The history was read before that message was committed, and then with it.
    index.restore({ topic: 'house/lamp', events: 7, last: event(100, { at: 4_000 }) })
    expect(index.find('house')).toMatchObject({ messages: 8, topics: 1, lastAt: 5_000 })
    const other = new TopicIndex()
    other.observe(topicOf('house/lamp'), messageOf('on', 101))
    other.fold(5_000)
    other.restore({ topic: 'house/lamp', events: 8, last: event(101, { at: 5_000 }) })
    expect(other.find('house')).toMatchObject({ messages: 8, topics: 1 })
  })

  it('tells the rate of a steady stream, and lets it fall when the stream ends', () => {
    const index = new TopicIndex()
    const meter = topicOf('meter')
    let now = 0
    for (; now < 60_000; now += 250) {
      for (let each = 0; each < 10; each++) index.observe(meter, messageOf('1'))
      index.fold(now)
    }
    expect(index.root.rate).toBeGreaterThan(38)
    expect(index.root.rate).toBeLessThan(42)
    index.observe(meter, messageOf('1'))
    index.fold(now + 5 * RATE_MS)
    expect(index.root.rate).toBeLessThan(1)
  })

  it('counts what it has no room for', () => {
    const index = new TopicIndex(3)
    for (const each of ['a/b', 'c', 'd', 'a', 'e/f', 'd']) index.observe(topicOf(each), messageOf('x'))
    expect([index.beyond, index.topics]).toEqual([3, 3])
    expect(index.find('d')).toBeUndefined()
  })

  it('knows topics anew that another index has seen', () => {
    const lamp = topicOf('lamp')
    new TopicIndex().observe(lamp, messageOf('on'))
    const next = new TopicIndex()
    next.observe(lamp, messageOf('off'))
    next.fold(1)
    expect(next.find('lamp')).toMatchObject({ messages: 1 })
  })
})

const textOf = (value: { readonly payload: Uint8Array } | null): string | null =>
  value && Buffer.from(value.payload).toString()

/** The slow model: every row of the tree. */
function layOut(published: readonly string[], open: ReadonlySet<string>, level = 1, above = '') {
  const prefix = level === 1 ? '' : `${above}/`
  const names = new Set(
    published
      .filter((each) => level === 1 || each.startsWith(prefix))
      .map((each) => each.slice(prefix.length).split('/')[0]!),
  )
  const sorted = Array.from(names).toSorted((a, b) => (a < b ? -1 : 1))
  const rows: { topic: string; level: number; position: number; size: number }[] = []
  for (const [at, each] of sorted.entries()) {
    const path = prefix + each
    rows.push({ topic: path, level, position: at + 1, size: sorted.length })
    if (open.has(path)) rows.push(...layOut(published, open, level + 1, path))
  }
  return rows
}
