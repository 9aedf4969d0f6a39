// Checks the parameters of a request: a wrong one is answered with 400 and a sentence.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { systemClock } from '../base/clock.ts'
import { parseMoment } from '../base/moment.ts'
import { messageOf } from '../base/printable.ts'
import { RUN_STATES } from '../model/run.ts'
import type { HistoryQuery, RunsQuery } from '../model/queries.ts'
import type { RetainedRange } from '../model/store.ts'
import { topicFilterProblem } from '../topics/names.ts'

const MOST_ROWS = 1_000

/** A moment, written as on the command line. A day without a zone is a day in the hub's zone. */
const moment = z.string().transform((text, context) => {
  try {
    return parseMoment(text, systemClock.now())
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) })
    return z.NEVER
  }
})
const page = {
  since: moment.optional(),
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(100),
}
const filter = z.string().superRefine((text, context) => {
  const message = topicFilterProblem(text)
  if (message !== undefined) context.addIssue({ code: 'custom', message })
})

const history = z.strictObject({ ...page, filter: filter.optional(), until: moment.optional() })
const runs = z.strictObject({ ...page, rule: z.string().optional(), state: z.enum(RUN_STATES).optional() })

const retained = z.strictObject({
  filter: filter.default('#'),
  after: z.string().optional(),
  limit: page.limit,
})
const retainedCount = retained.pick({ filter: true })
const retainedRange = z.strictObject({ filter, upTo: z.coerce.number().int().min(0) })

const clients = z.strictObject({ after: z.string().optional(), limit: page.limit })

export const clientsQuery = (params: Record<string, string>) => check(clients, params)
export const retainedQuery = (params: Record<string, string>) => check(retained, params)
export const retainedCountQuery = (params: Record<string, string>) => check(retainedCount, params)
export const retainedRangeOf = (params: Record<string, string>): RetainedRange => check(retainedRange, params)
export const historyQuery = (params: Record<string, string>): HistoryQuery => check(history, params)
export const runsQuery = (params: Record<string, string>): RunsQuery => check(runs, params)

export function readId(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new HTTPException(400, { message: `${JSON.stringify(text)} is not a number.` })
}

function check<T>(schema: z.ZodType<T>, params: Record<string, string>): T {
  const parsed = schema.safeParse(params)
  if (parsed.success) return parsed.data
  throw new HTTPException(400, { message: z.prettifyError(parsed.error) })
}
