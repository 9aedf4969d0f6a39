// The schema of tasks, key by key.

import { z } from 'zod'
import { parseDuration } from '../../base/quantities.ts'
import { duration, fn, leaf, oneOf } from '../validate/leaf.ts'

const lengthOrLearned = leaf<string>(
  "'learned' or a duration such as '30m'",
  (value) => value === 'learned' || isLength(value),
)

export const taskShape = z.strictObject({
  every: duration.optional(),
  grace: lengthOrLearned.optional(),
  longest: lengthOrLearned.optional(),
  severity: oneOf(['info', 'warning', 'critical']).optional(),
  do: fn.optional(),
})

function isLength(value: unknown): boolean {
  try {
    return typeof value === 'string' && parseDuration(value) > 0
  } catch {
    return false
  }
}
