// What is said about rules, by a message under `<root>/commands/rules/<name>/<verb>`: read, and refused with a
// sentence where it makes no sense.

import { z } from 'zod'
import { parseEnd } from '../../base/moment.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { messageOf, printable } from '../../base/printable.ts'
import { commandPayload, lengthMs, payloadProblems } from '../../model/command-payload.ts'
import type { Event } from '../../model/event.ts'
import { RULE_CHANGES } from '../../model/rule-pause.ts'
import { ruleCommandIn } from '../../topics/rule-topic.ts'

export type RuleCommand =
  | {
      readonly verb: 'pause'
      readonly rule: string
      readonly reason: string
      readonly forMs: number | null
      readonly untilAt: number | null
      readonly by: string | undefined
    }
  | { readonly verb: 'resume'; readonly rule: string; readonly by: string | undefined }

/** What is kept of a reason; the event holds the whole. */
const LONGEST_REASON = 500

const words = z
  .string()
  .min(1)
  .transform((text) => printable(text, LONGEST_REASON))
const by = words.optional()
const SCHEMAS = {
  pause: z.strictObject({ reason: words, for: lengthMs.optional(), until: z.string().optional(), by }),
  resume: z.strictObject({ by }),
} as const

/** @returns `null` for a message that is no command, such as the answer to one; a text says what is wrong. */
export function ruleCommand(event: Event, root: string): RuleCommand | string | null {
  const said = ruleCommandIn(event.topic, root)
  if (said === null || said.verb === 'result') return null
  const verb = RULE_CHANGES.find((each) => each === said.verb)
  if (verb === undefined) {
    const meant = nearMiss(said.verb, RULE_CHANGES)
    const hint = meant === undefined ? `there are: ${RULE_CHANGES.join(', ')}` : `did you mean ${meant}?`
    return `nobody can ${JSON.stringify(printable(said.verb))} a rule (${hint})`
  }
  if (said.rule === '') return `the topic names no rule; expected ${root}/commands/rules/NAME/${verb}`
  if (event.retain) return 'it is a retained message, which would be said again at every start'
  if (event.origin === 'will') return 'a will gives no command'
  if (event.origin === 'bridge') return 'a command over a bridge is not taken'
  const payload = commandPayload(event.payload)
  if (payload === undefined) return 'its payload is no JSON object'
  const parsed = SCHEMAS[verb].safeParse(payload)
  if (!parsed.success) return payloadProblems(parsed.error, () => Object.keys(SCHEMAS[verb].shape))
  if (verb === 'resume') return { verb, rule: said.rule, by: parsed.data.by }
  return pauseIn(said.rule, parsed.data as z.output<typeof SCHEMAS.pause>, event.at)
}

function pauseIn(
  rule: string,
  { reason, for: forMs, until, by: speaker }: z.output<typeof SCHEMAS.pause>,
  at: number,
): RuleCommand | string {
  if (forMs !== undefined && until !== undefined) return 'it has a length (for) and an end (until): give one'
  if (forMs === 0) return 'for: a pause needs a length'
  const said = { verb: 'pause', rule, reason, by: speaker } as const
  if (forMs !== undefined) return { ...said, forMs, untilAt: at + forMs }
  if (until === undefined) return { ...said, forMs: null, untilAt: null }
  try {
    return { ...said, forMs: null, untilAt: parseEnd(until, at) }
  } catch (error) {
    return `until: ${messageOf(error).replace(/\.$/, '')}`
  }
}
