// Rules that wait, over a clock that is set at any moment: held to what they would do by a clock that nobody sets.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ClockWatch } from '../../../src/engine/time/clock-watch.ts'
import { Decisions } from '../../../src/engine/plan/decisions.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { newPulse, PulseWriter } from '../../../src/engine/contain/pulse.ts'
import { RuleMemory } from '../../../src/engine/plan/rule-memory.ts'
import { Sequence } from '../../../src/engine/plan/sequence.ts'
import { UserCode } from '../../../src/engine/contain/user-code.ts'
import { rule } from '../../../src/index.ts'
import type { Event } from '../../../src/model/event.ts'
import { compile } from '../../../src/rules/compile.ts'
import { inventedEvent } from '../../../src/rules/rehearse.ts'

const SECOND = 1_000
const BEGIN = 1_700_000_000_000

/** A pause, then a message, or a clock that is set by so many seconds. */
interface Happening {
  readonly pause: number
  readonly value?: boolean
  readonly setBy?: number
}

const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    fc.record({ pause: fc.nat(15), value: fc.boolean() }),
    fc.record({ pause: fc.nat(15), setBy: fc.integer({ min: -9_000, max: 9_000 }) }),
  ),
  { maxLength: 20 },
)

const rules = compile(
  [
    {
      file: 'rules/r.ts',
      exports: {
        default: [
          rule('hold', { on: 'a', when: ({ payload }) => payload === true, for: '10s', do: () => [] }),
          rule('quiet', { on: 'a', debounce: '10s', do: () => [] }),
          rule('slow', { on: 'a', throttle: '10s', do: () => [] }),
        ],
      },
    },
  ],
  { root: 'vigie' },
)

/** What fires, at which second by the steady clock; of what fires at one moment, the order is not told. */
function fired(all: readonly Happening[]): string[] {
  const clock = new ManualClock(BEGIN)
  const draft = new Draft()
  const memory = new RuleMemory(draft)
  const events: Event[] = []
  const log: string[] = []
  const decisions = new Decisions({
    rules,
    reads: { event: (id) => events[id - 1], lastOn: () => undefined },
    memory,
    draft,
    work: {
      add: ({ run }) => log.push(`${run.rule} for ${run.event} at ${(clock.steady() - BEGIN) / SECOND}`),
      cancel: () => {},
      runsIn: () => [],
    },
    userCode: new UserCode(new PulseWriter(newPulse()), [], () => {}),
    clock,
    nextRunId: () => 1,
    failed: () => {},
    deadLetter: () => {},
  })
  const sequence = new Sequence({ memory, decisions, downtimes: [], spanned: () => {} })
  const watch = new ClockWatch(clock, (step) => sequence.clockSet(step))
  watch.start()
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(SECOND)
      watch.look()
      sequence.reachHead()
      sequence.wakeUntil(clock.now())
    }
  }
  for (const { pause, value, setBy } of all) {
    pass(pause)
    if (setBy !== undefined) clock.step(clock.now() + setBy * SECOND)
    if (value === undefined) continue
    const event = { ...inventedEvent('a', String(value), 'live', clock.now()), id: events.length + 1 }
    events.push(event)
    watch.look()
    sequence.take(event)
  }
  pass(300)
  return log.toSorted()
}

test('holds, debounces and throttles keep their length, however the clock is set', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      const unset = all.map(({ pause, value }) => ({ pause, ...(value !== undefined && { value }) }))
      expect(fired(all)).toEqual(fired(unset))
    }),
    { numRuns: 100 },
  )
})
