import { assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import type { TopicsQuery } from '../../../src/model/queries.ts'
import { topicMatches } from '../../../src/topics/matches.ts'
import { openBench, openRaw } from '../fixtures.ts'
import { event } from '../nouns.ts'

const NAMES = ['a', 'a/b', 'a/b/c', 'a/bb', 'b', 'B/c', '$SYS/a', 'vigie/runs/x', 'größe/ß']

/** The index of topics is written between commits: `tidy` until nothing is left to do. */
const settle = ({ writer }: ReturnType<typeof openBench>): void => {
  while (writer.tidy(false));
}

describe('topics', () => {
  it('are all that ever had a message, with the last one and the number of events', () => {
    const bench = openBench()
    const { dataDir, writer } = bench
    const told = [
      event(1, { topic: 'a/b', payload: Buffer.from('1') }),
      event(2, { topic: 'a/c', payload: Buffer.from('2'), retain: true }),
      event(3, { topic: 'a/b', payload: Buffer.from('3') }),
    ]
    writer.commit({ events: told })
    settle(bench)
    const later = event(4, { topic: 'a/b', payload: Buffer.from('4') })
    writer.commit({ events: [later] })
    const { topics, isAll } = openQueries(dataDir).topics({ limit: 10 })
    expect(isAll).toBe(true)
    expect(topics).toMatchObject([
      { topic: 'a/b', events: 3, retained: false, last: { id: 4 } },
      { topic: 'a/c', events: 1, retained: true, last: { id: 2 } },
    ])
  })

  it('keep the retained message as the last one when its event is forgotten', () => {
    const { dataDir, writer } = openBench()
    writer.commit({ events: [event(1, { topic: 'a', retain: true, payload: Buffer.from('on') }), event(2)] })
    openRaw(dataDir).exec('DELETE FROM events WHERE id = 1')
    expect(openQueries(dataDir).topics({ filter: 'a', limit: 1 }).topics).toMatchObject([
      { topic: 'a', retained: true, last: { id: 1, origin: 'retained', payload: Buffer.from('on') } },
    ])
  })

  it('are found by filter and words, page by page, as a look at each finds them', () => {
    const bench = openBench()
    bench.writer.commit({ events: NAMES.map((topic, index) => event(index + 1, { topic })) })
    const queries = openQueries(bench.dataDir)
    // SQLite orders by the bytes of UTF-8.
    const sorted = NAMES.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert(
      property(
        constantFrom(undefined, '#', 'a/#', '+', 'a/+', '$SYS/#', '+/c', 'vigie/#'),
        constantFrom(undefined, 'b', 'A', 'a b', 'ß', 'zz'),
        integer({ min: 1, max: 4 }),
        (filter, text, limit) => {
          const asked: TopicsQuery = { limit, ...(filter && { filter }), ...(text && { text }) }
          const expected = sorted.filter(
            (name) =>
              (filter === undefined || topicMatches(filter, name)) &&
              (text ?? '').split(' ').every((word) => name.toLowerCase().includes(word.toLowerCase())),
          )
          const found: string[] = []
          for (let after: string | undefined; ;) {
            const page = queries.topics({ ...asked, ...(after !== undefined && { after }) })
            expect(page.topics.length).toBeLessThanOrEqual(limit)
            found.push(...page.topics.map(({ topic }) => topic))
            if (page.isAll) break
            after = page.topics.at(-1)!.topic
          }
          expect(found).toEqual(expected)
        },
      ),
    )
  })

  it('end a page when its payloads are large enough', () => {
    const { dataDir, writer } = openBench()
    const payload = Buffer.alloc(100)
    writer.commit({ events: ['a', 'b', 'c'].map((topic, index) => event(index + 1, { topic, payload })) })
    const page = openQueries(dataDir).topics({ limit: 10, bytes: 150 })
    expect([page.topics.map(({ topic }) => topic), page.isAll]).toEqual([['a', 'b'], false])
  })
})
