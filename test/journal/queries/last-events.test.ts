// The last messages of topics, which `src/journal/queries/topics.ts` finds.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import type { Event } from '../../../src/model/event.ts'
import { openBench } from '../fixtures.ts'
import { event } from '../nouns.ts'

const HOUR = 3_600_000
const names = ['a', 'a/b', 'a/c', 'b', '/', '$SYS/x', 'é/b', 'Z']

const anyEvents = fc
  .array(
    fc.record({
      topic: fc.constantFrom(...names),
      step: fc.integer({ min: 0, max: 2 * HOUR }),
      text: fc.constantFrom('{"On":1}', 'open', 'OPEN the door', ''),
    }),
    { maxLength: 50 },
  )
  .map((steps) => {
    let at = 1_000 * HOUR
    return steps.map(({ topic, step, text }, index) =>
      event(index + 1, { topic, at: (at += step), payload: Buffer.from(text) }),
    )
  })

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The slow model: the last event of every topic, by a look at every event. */
const lastOf = (all: readonly Event[]): Event[] =>
  Array.from(Map.groupBy(all, ({ topic }) => topic).values(), (events) => events.at(-1)!).toSorted((a, b) =>
    byBytes(a.topic, b.topic),
  )

it('finds the last message of each topic, and those that contain a text, wherever the index has come to', () => {
  fc.assert(
    fc.property(
      anyEvents,
      fc.nat(50),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1, 9_000),
      (given, indexed, limit, apart) => {
        const all = given.map((one) => ({ ...one, id: one.id * apart }))
        const { dataDir, writer } = openBench()
        for (const part of [all.slice(0, indexed / 2), all.slice(indexed / 2, indexed)]) {
          writer.commit({ events: part })
          writer.beat()
          while (writer.tidy(false));
        }
        writer.commit({ events: all.slice(indexed) })
        const queries = openQueries(dataDir)
        const last = queries.lastEvents({ topics: [...names, 'never'], bytes: 4 })
        const told = last.map(({ payload, event: id, ...rest }) => ({
          ...rest,
          id,
          text: Buffer.from(payload).toString(),
        }))
        expect(told.toSorted((a, b) => byBytes(a.topic, b.topic))).toEqual(
          lastOf(all).map(({ topic, id, at, qos, retain, payload }) => ({
            topic,
            id,
            at,
            qos,
            retain,
            text: Buffer.from(payload).toString().slice(0, 4),
            bytes: payload.length,
          })),
        )

        const found: string[] = []
        for (let after: string | null = ''; after !== null;) {
          const page = queries.searchPayloads({ text: 'Open', after, limit })
          found.push(...page.topics)
          after = page.after
        }
        const matching = lastOf(all).filter(({ payload }) => /open/i.test(Buffer.from(payload).toString()))
        expect(found).toEqual(matching.map(({ topic }) => topic))
        queries.close()
        writer.close()
      },
    ),
    { numRuns: 15 },
  )
})
