// How a process of user code has ended, as its warden reports it.

import { z } from 'zod'
import type { UserUnit, WorkItem } from '../../model/suspect.ts'

export interface Ending {
  /** `crashed`: its whole process was brought down, and nobody knows by whose code. */
  readonly how: 'asked' | 'died' | 'hung' | 'crashed'
  /** The reason, as the end of a sentence. */
  readonly reason: string
  /** The user code that ran; `null` when it was the hub's own code, or is not known. */
  readonly unit: UserUnit | null
  /** The event or run that it was working on; `null` when there was none, or it is not known. */
  readonly item: WorkItem | null
}

/** Parses the warden's report. Whoever began the process reads it, so it is foreign data. */
export const unitShape: z.ZodType<UserUnit> = z.strictObject({
  kind: z.enum(['file', 'rule', 'ping']),
  name: z.string(),
})

export const itemShape: z.ZodType<WorkItem> = z.strictObject({
  kind: z.enum(['event', 'run']),
  id: z.int().positive(),
})

export const endingShape: z.ZodType<Ending> = z.strictObject({
  how: z.enum(['asked', 'died', 'hung', 'crashed']),
  reason: z.string(),
  unit: unitShape.nullable(),
  item: itemShape.nullable(),
})
