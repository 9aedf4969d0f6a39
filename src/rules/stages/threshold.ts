// `above` and `below`, with hysteresis: passes when the value crosses the threshold, and not again before it
// has come back to `until`.
//
//   above: 80, until: 70      60 ─▶ 81 passes ─▶ 75, 90: as before ─▶ 70 lets go ─▶ 81 passes

import type { RuleDefinition } from '../authoring/rule.ts'
import { RuleError, runUserCode } from '../context/user-code.ts'
import type { Condition, Subject } from './stage.ts'

export function thresholdStage({ above, below, until, value }: RuleDefinition): Condition {
  const crossed = (number: number): boolean =>
    (above !== undefined && number > above) || (below !== undefined && number < below)
  /** Beyond where it lets go, on either side. */
  const beyond = (number: number): boolean =>
    (above !== undefined && number > (until ?? above)) || (below !== undefined && number < (until ?? below))
  return {
    name: 'threshold',
    ask(subject, memory) {
      const number = numberOf(subject, value)
      if (memory !== undefined)
        return beyond(number)
          ? { signal: 'same', reason: `${number} is still beyond the threshold` }
          : { signal: 'no', reason: `${number} lets go`, memory: null }
      return crossed(number)
        ? { signal: 'edge', memory: { crossed: true } }
        : { signal: 'no', reason: `${number} is not ${describe(above, below)}` }
    },
  }
}

function numberOf({ rule, context }: Subject, value: RuleDefinition['value']): number {
  const number = value ? runUserCode(rule, 'value', () => value(context)) : context.payload
  if (typeof number === 'number' && Number.isFinite(number)) return number
  const what = value ? 'value returned' : 'the payload is'
  throw new RuleError(
    `${rule.line}: rule ${JSON.stringify(rule.name)}: ${what} ${shown(number)}, no number to compare` +
      (value ? '' : '; say which with value: ({ payload }) => …'),
  )
}

/** Shortens a value, which may be of any size and depth. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? `${value.slice(0, 99)}…` : value)
  if (Array.isArray(value)) return 'a list'
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? 'an object'
    : String(value)
}

const describe = (above: number | undefined, below: number | undefined): string =>
  [above !== undefined && `above ${above}`, below !== undefined && `below ${below}`]
    .filter(Boolean)
    .join(' or ')
