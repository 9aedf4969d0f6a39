// Rules that wait, over a clock that is set at any moment: held to what they would do by a clock that nobody sets.
//
// Covers `src/engine/plan/decisions.ts`.

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
import { afterClockSet, behindAtStart } from '../../../src/model/clock-behind.ts'
import type { Behind } from '../../../src/model/clock-behind.ts'
import type { Downtime } from '../../../src/model/store.ts'
import { rule } from '../../../src/index.ts'
import type { Event } from '../../../src/model/event.ts'
import { compile } from '../../../src/rules/compile.ts'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'
import { NO_ALERTS, NO_PAUSES } from './nobody.ts'

const SECOND = 1_000
const BEGIN = 1_700_000_000_000

/** A pause, then a message, a clock that is set by so many seconds, or a hub that is killed and starts again. */
interface Happening {
  readonly pause: number
  readonly value?: boolean
  readonly setBy?: number
  /** Nobody watches for so many seconds; then the clock is so many seconds behind. */
  readonly killed?: { readonly down: number; readonly behind: number }
  /** The clock is set to the right time. */
  readonly setRight?: true
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
          rule('meant', {
            on: 'late',
            when: ({ payload }) => payload === true,
            for: '10m',
            onGap: 'fire',
            do: () => [],
          }),
        ],
      },
    },
  ],
  { root: 'vigie' },
)

/** What fires, at which second by the steady clock; of what fires at one moment, the order is not told. */
function fired(all: readonly Happening[], topic = 'a'): string[] {
  let downMs = 0
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
      add: ({ run }) =>
        log.push(`${run.rule} for ${run.event} at ${(clock.steady() - BEGIN - downMs) / SECOND}`),
      cancel: () => {},
      runsIn: () => [],
    },
    userCode: new UserCode(new PulseWriter(newPulse()), [], () => {}),
    clock,
    pauseOf: () => undefined,
    packetBytes: Infinity,
    nextRunId: () => 1,
    failed: () => {},
    setAside: new Set(),
    ended() {},
    deadLetter: () => {},
  })
  let behind: Behind = { startedAt: BEGIN, behindMs: 0 }
  let sequence!: Sequence
  let watch!: ClockWatch
  const start = (...downtimes: Downtime[]): void => {
    sequence = new Sequence({
      root: 'vigie',
      memory,
      alerts: NO_ALERTS,
      pauses: NO_PAUSES,
      decisions,
      downtimes,
      downtimeTaken: () => {},
    })
    watch = new ClockWatch(clock, (step) => {
      const { earlier, ...next } = afterClockSet(behind, step.toAt - step.fromAt)
      behind = next.behind
      sequence.clockSet({ ...step, ...(earlier && { earlier }) })
    })
  }
  start()
  /** As the journal does (database/lifetimes.ts). */
  const restart = (down: number, late: number): void => {
    // A hub looks at its clock each second. One that is killed in the second in which the clock was set right,
    // after a sign of life by the new time, takes the clock to be as far behind as before.
    watch.look()
    sequence.reachHead()
    sequence.wakeUntil(clock.now())
    const seenAt = clock.now()
    const before = behind
    clock.stall(down * SECOND)
    downMs += down * SECOND
    clock.set(clock.steady() - late * SECOND)
    const toAt = clock.now()
    behind = { startedAt: toAt, behindMs: behindAtStart(seenAt, before.behindMs, toAt) }
    const byMs = before.behindMs - behind.behindMs
    const clockSet = byMs === 0 ? {} : { clockSet: { byMs, afterEvent: events.length } }
    start({ fromAt: Math.min(seenAt + byMs, toAt), toAt, clean: false, ...clockSet })
  }
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(SECOND)
      watch.look()
      sequence.reachHead()
      sequence.wakeUntil(clock.now())
    }
  }
  for (const { pause, value, setBy, killed, setRight } of all) {
    pass(pause)
    if (killed !== undefined) restart(killed.down, killed.behind)
    if (setRight) clock.set(clock.steady())
    if (setBy !== undefined) clock.set(clock.now() + setBy * SECOND)
    if (value === undefined) continue
    const event = { ...inventedEvent(topic, String(value), 'live', clock.now()), id: events.length + 1 }
    events.push(event)
    watch.look()
    sequence.take(event)
  }
  pass(topic === 'a' ? 300 : 1_200)
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

const lives: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ pause: fc.nat(15), value: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        pause: fc.nat(15),
        killed: fc.record({ down: fc.nat(20), behind: fc.constantFrom(0, 3_600, 1_000_000) }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ pause: fc.nat(15), setRight: fc.constant(true as const) }) },
  ),
  { maxLength: 20 },
)

const KILLED_WHEN_SET_RIGHT: [Happening[]][] = [
  [
    [
      { pause: 0, killed: { down: 0, behind: 3_600 } },
      { pause: 0, value: true },
      { pause: 0, setRight: true },
      { pause: 0, killed: { down: 0, behind: 0 } },
    ],
  ],
]

test('holds keep their length over kills after which the clock is behind, and is set right or not', () => {
  fc.assert(
    fc.property(lives, (all) => {
      const undisturbed = all.map(({ pause, value }) => ({ pause, ...(value !== undefined && { value }) }))
      const holds = (happened: readonly Happening[]): string[] =>
        fired(happened).filter((firing) => firing.startsWith('hold'))
      expect(holds(all)).toEqual(holds(undisturbed))
    }),
    { numRuns: 100, examples: KILLED_WHEN_SET_RIGHT },
  )
})

test('what counts the time in which nobody watched comes back to the moment that was meant', () => {
  const killed = { down: 120, behind: 3_600 }
  const hold = { pause: 0, value: true }
  // Ten minutes from the first message: one passed before the kill, two while nobody watched, two with a clock that was behind.
  const meant = fired([hold, { pause: 60, killed }, { pause: 120, setRight: true }], 'late')
  expect(meant).toEqual(['meant for 1 at 480'])
  // As long as nobody knows how long the hub was down, that counts as no time.
  expect(fired([hold, { pause: 60, killed }], 'late')).toEqual(['meant for 1 at 600'])
  // A second kill, after which the clock is right, makes no difference.
  const again = { down: 10, behind: 0 }
  expect(fired([hold, { pause: 60, killed }, { pause: 120, killed: again }], 'late')).toEqual([
    'meant for 1 at 470',
  ])
})
