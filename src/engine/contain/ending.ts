// How a process of user code has ended, as its warden tells it.

import { z } from 'zod'
import type { Task, UserUnit } from '../../model/suspect.ts'

export interface Ending {
  /** `crashed`: its whole process was brought down, and nobody knows by whose code. */
  readonly how: 'asked' | 'died' | 'hung' | 'crashed'
  /** What happened, as the end of a sentence. */
  readonly reason: string
  /** Whose code ran; `null` when it was the hub's own, or is not known. */
  readonly unit: UserUnit | null
  /** What it was busy with; `null` when that was nothing in particular, or is not known. */
  readonly task: Task | null
}

/** Read by whoever began the process: what comes from there is foreign. */
export const unitShape: z.ZodType<UserUnit> = z.strictObject({
  kind: z.enum(['file', 'rule', 'ping']),
  name: z.string(),
})

export const taskShape: z.ZodType<Task> = z.strictObject({
  kind: z.enum(['event', 'run']),
  id: z.int().positive(),
})

export const endingShape: z.ZodType<Ending> = z.strictObject({
  how: z.enum(['asked', 'died', 'hung', 'crashed']),
  reason: z.string(),
  unit: unitShape.nullable(),
  task: taskShape.nullable(),
})
