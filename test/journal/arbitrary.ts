// Arbitrary events, for property tests.

import * as fc from 'fast-check'
import { ORIGINS } from '../../src/model/event.ts'
import type { NewEvent } from '../../src/model/event.ts'

const moment = fc.integer({ min: 0, max: 4_000_000_000_000 })
const id = fc.integer({ min: 1, max: 2 ** 52 })
const topic = fc.oneof(
  fc.constantFrom('a', 'a/b', 'a/b/c', '/', 'é/ü', '$SYS/x'),
  fc.string({ unit: 'grapheme', minLength: 1 }),
)

export const anyNewEvent: fc.Arbitrary<NewEvent> = fc.record(
  {
    at: moment,
    topic: topic.filter((name) => name.isWellFormed()),
    payload: fc.uint8Array({ maxLength: 200 }),
    qos: fc.constantFrom(0, 1, 2),
    retain: fc.boolean(),
    origin: fc.constantFrom(...ORIGINS),
    client: fc.option(fc.constantFrom('', 'c1', 'sensor-é', 'x'.repeat(200))),
    properties: fc.option(fc.uint8Array({ maxLength: 50 })),
    cause: fc.option(
      fc.record(
        { event: id, run: fc.option(id), depth: fc.integer({ min: 1, max: 16 }) },
        { noNullPrototype: true },
      ),
    ),
    recorded: fc.boolean(),
  },
  { noNullPrototype: true },
)
