// The schema of what says which alerts are meant (`AlertMatch`), as routes, maintenance windows and silences
// take it.

import { z } from 'zod'
import { SEVERITIES } from '../model/alert.ts'
import type { AlertMatch } from '../model/alert.ts'
import { topicFilterProblem } from '../topics/names.ts'

const MOST_LABELS = 64
const LONGEST_NAME = 256

const filter = z.string().superRefine((text, context) => {
  const problem = topicFilterProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

export const name = z.string().min(1).max(LONGEST_NAME)
export const severity = z.enum(SEVERITIES)
export const labels = z
  .record(z.string().min(1), z.string())
  .refine((all) => Object.keys(all).length <= MOST_LABELS, `must be ${MOST_LABELS} labels at most`)

/** All that is given must hold. */
export const matchers = {
  severity: z.union([severity, z.array(severity).min(1)]).optional(),
  /** Labels that the alert must have, with these values. */
  labels: labels.optional(),
  /** MQTT topic filter over the key of the alert. */
  key: filter.optional(),
  /** MQTT topic filter over the topic of the message that led to the alert. */
  topic: filter.optional(),
  rule: name.optional(),
}

export const matchOf = ({ severity: level, ...rest }: z.output<z.ZodObject<typeof matchers>>): AlertMatch =>
  Object.fromEntries(
    Object.entries({
      ...rest,
      severity: level === undefined ? undefined : [level].flat(),
    }).filter(([, value]) => value !== undefined),
  )
