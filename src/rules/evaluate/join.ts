// What `together` makes of the firings of one rule, whatever their keys: stages/together.ts in the terms of
// `evaluate`. Pure.

import type { JsonObject } from '../../model/json.ts'
import { shiftMoments } from '../../model/moments.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { CompiledRule } from '../compile/compiled-rule.ts'
import { gather, togetherWakeAt, wakeTogether } from '../stages/together.ts'
import type { TogetherLimits, TogetherMemory, TogetherMove, Waiting } from '../stages/together.ts'
import type { Input } from './evaluate.ts'
import type { Evaluated, Firing } from './evaluation.ts'

/** Of a rule that no longer has the option, what still waits fires by itself. */
const SEPARATE: TogetherLimits = { windowMs: 0, atLeast: Infinity }

/**
 * The firings of one key come.
 * @param state what the last call left; `null` when there was none
 */
export function join(rule: CompiledRule, state: JsonObject | null, evaluated: Evaluated): Evaluated {
  const limits = rule.together ?? SEPARATE
  let memory = memoryIn(state)
  const verdicts: Verdict[] = evaluated.verdicts.filter(
    ({ stage }) => stage !== 'fired' && stage !== 'dryRun',
  )
  const firings: Firing[] = []
  for (const { key, event, at, expiresAt, details } of evaluated.firings) {
    const waiting = { key, event, expiresAt, ...(details && { details }) }
    const move = gather(memory, waiting, at, limits)
    memory = move.memory
    verdicts.push(...verdictsOf(rule, move, at))
    firings.push(...move.on.map((released) => firingOf(rule, released, at)))
  }
  return { verdicts, firings, ...left(memory) }
}

/** Time passes, or the clock is set. A window goes on while the hub is down. */
export function joinLater(
  rule: CompiledRule,
  state: JsonObject | null,
  input: Exclude<Input, { kind: 'event' }>,
): Evaluated {
  if (input.kind === 'clock' && state !== null) {
    const shifted = shiftMoments(state, input.toAt - input.fromAt, input.earlier)
    return { verdicts: [], firings: [], ...left(memoryIn(shifted)) }
  }
  const memory = memoryIn(state)
  if (memory === undefined || input.kind !== 'wake') return { verdicts: [], firings: [], ...left(memory) }
  const move = wakeTogether(memory, input.at, rule.together ?? SEPARATE)
  return {
    verdicts: verdictsOf(rule, move, input.at),
    firings: move.on.map((released) => firingOf(rule, released, input.at)),
    ...left(move.memory),
  }
}

function verdictsOf({ name, dryRun }: CompiledRule, { on, held }: TogetherMove, at: number): Verdict[] {
  const stage = dryRun ? 'dryRun' : 'fired'
  return [
    ...held.map(
      ({ key, event, reason }) => ({ rule: name, key, event, stage: 'together', reason, at }) as const,
    ),
    ...on.map(({ key, event, details }) => {
      const together = details?.together
      const reason = together ? `for ${together.count} together` : ''
      return { rule: name, key, event, stage, reason, at } as const
    }),
  ]
}

const firingOf = ({ name, dryRun }: CompiledRule, released: Waiting, at: number): Firing => ({
  rule: name,
  at,
  dryRun,
  ...released,
})

const memoryIn = (state: JsonObject | null): TogetherMemory | undefined =>
  (state as TogetherMemory | null) ?? undefined

function left(memory: TogetherMemory | undefined): Pick<Evaluated, 'state' | 'wakeAt'> {
  if (memory === undefined) return { state: null, wakeAt: null }
  const wakeAt = togetherWakeAt(memory)
  return { state: memory as unknown as JsonObject, wakeAt: wakeAt === Infinity ? null : wakeAt }
}
