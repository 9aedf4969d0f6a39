// Random sequences of messages, and the ways in which the same sequence may reach a rule.

import * as fc from 'fast-check'
import type { RuleDefinition } from '../../src/rules/authoring/rule.ts'
import { Driver } from './drive.ts'

export interface Message {
  readonly at: number
  readonly value: number
}

/** Messages in the order of time, many of them close to each other, some at one moment. */
export const messages = (values = fc.nat(1), longest = 30): fc.Arbitrary<Message[]> =>
  fc
    .array(fc.record({ pause: fc.oneof(fc.nat(3), fc.nat(30)), value: values }), { maxLength: longest })
    .map((steps) => {
      let at = 0
      return steps.map(({ pause, value }) => ({ at: (at += pause), value }))
    })

/** When all that can happen has happened. */
export const END = 10_000

export type Fired = readonly (readonly [at: number, event: number])[]

/** Every message in its turn, wakes on time. */
export function played(definition: Partial<RuleDefinition>, sequence: readonly Message[]): Fired {
  const driver = new Driver(definition)
  for (const { at, value } of sequence) driver.send(at, value)
  driver.wakeUntil(END)
  return driver.log
}

/** As after a crash: the journal is read on, and no timer is looked at before its end. */
function caughtUp(definition: Partial<RuleDefinition>, sequence: readonly Message[]): Fired {
  const driver = new Driver(definition)
  for (const { at, value } of sequence) driver.sendWithoutWakes(at, value)
  driver.wakeUntil(END)
  return driver.log
}

/** A sequence at which the rule and its model part, however the messages reach it; `null` when there is none. */
export function divergence(
  definition: Partial<RuleDefinition>,
  model: (sequence: readonly Message[]) => Fired,
  values?: fc.Arbitrary<number>,
): string | null {
  const agree = fc.property(messages(values), (sequence) => {
    const expected = JSON.stringify(model(sequence))
    for (const play of [played, caughtUp]) {
      const fired = JSON.stringify(play(definition, sequence))
      if (fired !== expected) throw new Error(`${play.name}: expected ${expected}, got ${fired}`)
    }
  })
  const details = fc.check(agree, { numRuns: 300 })
  return details.failed ? fc.defaultReportMessage(details)! : null
}

export interface Interruption {
  /** After this many messages. */
  readonly after: number
  readonly lengthMs: number
}

export const interruptions: fc.Arbitrary<Interruption[]> = fc
  .uniqueArray(fc.record({ after: fc.nat(30), lengthMs: fc.integer({ min: 1, max: 40 }) }), {
    selector: ({ after }) => after,
    maxLength: 4,
  })
  .map((all) => all.toSorted((a, b) => a.after - b.after))

/** How much later than in the sequence it is, by the interruptions before the n-th message. */
export const laterBy = (all: readonly Interruption[], n: number): number =>
  all.filter(({ after }) => after <= n).reduce((sum, { lengthMs }) => sum + lengthMs, 0)
