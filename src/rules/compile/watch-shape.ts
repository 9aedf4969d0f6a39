// The schema of watches, key by key.

import { z } from 'zod'
import { duration, fn, number, oneOf, pattern, size, text } from '../validate/leaf.ts'

const forLength = { for: duration.optional() }

export const watchShape = z.strictObject({
  process: z
    .strictObject({
      name: text.optional(),
      user: text.optional(),
      commandLine: pattern.optional(),
      olderThan: duration.optional(),
      parent: text.optional(),
      cgroup: text.optional(),
      unit: text.optional(),
    })
    .optional(),
  state: oneOf(['zombie']).optional(),
  cpu: z.strictObject({ above: number, ...forLength }).optional(),
  memory: z.strictObject({ above: size, ...forLength }).optional(),
  age: z.strictObject({ above: duration }).optional(),
  count: z.strictObject({ above: number, ...forLength }).optional(),
  ...forLength,
  do: fn,
})
