// The schema of watches, key by key.

import { z } from 'zod'
import { WATCHED_STATES } from '../../model/watch.ts'
import { onHost } from './host-shape.ts'
import { count, duration, flag, fn, number, oneOf, pattern, size, text } from '../validate/leaf.ts'

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
  state: oneOf(WATCHED_STATES).optional(),
  orphan: flag.optional(),
  cpu: z.strictObject({ above: number, ...forLength }).optional(),
  memory: z.strictObject({ above: size, ...forLength }).optional(),
  age: z.strictObject({ above: duration }).optional(),
  files: z.strictObject({ above: number, ...forLength }).optional(),
  zombies: z.strictObject({ above: number, ...forLength }).optional(),
  count: z
    .union(
      [z.strictObject({ above: number, ...forLength }), z.strictObject({ below: count(), ...forLength })],
      { error: 'expected { above: 20 } or { below: 1 }' },
    )
    .optional(),
  retry: z
    .strictObject({ attempts: count().optional(), min: duration.optional(), max: duration.optional() })
    .optional(),
  on: onHost.optional(),
  onGiveUp: fn.optional(),
  onBack: fn.optional(),
  ...forLength,
  do: fn,
})
