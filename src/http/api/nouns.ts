// What the API answers with, as schemas: events, runs, verdicts. They describe the types of model/ as they
// look in JSON.

import { z } from 'zod'
import { ORIGINS } from '../../model/event.ts'
import { RULE_PAUSE_STATES } from '../../model/rule-pause.ts'
import { RUN_STATES, STEP_STATES } from '../../model/run.ts'
import { STAGES } from '../../model/verdict.ts'

/** A moment as a number. */
export const at = z.int().describe('Unix time in milliseconds.')
const maybeAt = z.int().nullable().describe('Unix time in milliseconds.')
export const isoAt = z.string().describe('ISO 8601, in UTC.')
const qos = z.literal([0, 1, 2])

const payload = {
  payload: z.unknown().describe('JSON as it came, or text, or base64: `encoding` says which.'),
  encoding: z.enum(['json', 'text', 'base64']),
}

export const event = z
  .object({
    id: z.int().describe('Its number in the journal. Later events have higher ones.'),
    at: isoAt,
    topic: z.string(),
    ...payload,
    qos,
    retain: z.boolean(),
    origin: z.enum(ORIGINS),
    client: z.string().nullable().describe('The client that published it; `null`: the hub itself.'),
    traceparent: z
      .string()
      .optional()
      .describe('The trace of which it is part (https://www.w3.org/TR/trace-context/).'),
  })
  .meta({ id: 'Event' })

export const run = z
  .object({
    id: z.int(),
    rule: z.string(),
    key: z.string().describe('Keeps the firings of one rule apart.'),
    event: z.int().describe('The event that fired it.'),
    state: z.enum(RUN_STATES),
    plannedAt: at,
    startedAt: maybeAt,
    endedAt: maybeAt,
    reason: z.string().nullable().describe('Why it was cancelled, or is dead although no step failed.'),
    details: z.looseObject({}).nullish().describe('What the firing says beside its event.'),
  })
  .meta({ id: 'Run' })

const outcome = z
  .looseObject({ kind: z.enum(['done', 'retry', 'give-up']), reason: z.string().optional() })
  .describe('How the last attempt ended: its `result`, or the `reason` why it failed.')

export const step = z
  .object({
    run: z.int(),
    path: z.string().describe('Its place in the run: `0`, `1`, `1.0`.'),
    spec: z.looseObject({ kind: z.string() }).nullable().describe('The action; `null`: not made yet.'),
    state: z.enum(STEP_STATES),
    attempt: z.int().describe('Attempts that have begun.'),
    cutOffs: z.int().describe('Attempts that ended because the hub did.'),
    wakeAt: maybeAt,
    startedAt: maybeAt,
    endedAt: maybeAt,
    outcome: outcome.nullable(),
    process: z.looseObject({}).nullish(),
  })
  .meta({ id: 'Step' })

export const verdict = z
  .object({
    rule: z.string(),
    key: z.string(),
    event: z.int(),
    stage: z.enum(STAGES).describe('`fired`, or the condition that said no.'),
    reason: z.string(),
    at,
  })
  .meta({ id: 'Verdict' })

export const rulePause = z
  .object({
    rule: z.string(),
    state: z.enum(RULE_PAUSE_STATES),
    reason: z.string(),
    by: z.string().describe('Who paused it.'),
    since: isoAt,
    until: isoAt.nullable().describe('When it ends by itself; `null`: when somebody resumes the rule.'),
    resumedAt: isoAt.nullable(),
    resumedBy: z.string().nullable(),
  })
  .meta({ id: 'RulePause' })

export const retained = z
  .object({
    topic: z.string(),
    ...payload,
    qos,
    at: isoAt,
    event: z.int().describe('The event that brought it.'),
  })
  .meta({ id: 'RetainedMessage' })

export const attempt = z.object({
  path: z.string(),
  attempt: z.int().describe('Counts from 1.'),
  startedAt: at,
  endedAt: maybeAt,
  outcome: outcome.nullable(),
})
