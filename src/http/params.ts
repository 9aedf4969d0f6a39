// Parameters that several routes take. They are named and written as the options of the command line. A wrong
// one is answered with 400 and a sentence.

import { z } from 'zod'
import { systemClock } from '../base/clock.ts'
import { parseMoment } from '../base/moment.ts'
import { messageOf } from '../base/printable.ts'
import { ORIGINS } from '../model/event.ts'
import { parseJsonCondition } from '../model/json-condition.ts'
import { traceProperties } from '../model/trace.ts'
import type { UserProperty } from '../mqtt/properties.ts'
import { topicFilterProblem } from '../topics/names.ts'

/**
 * The largest sum of payloads on one page, in bytes. The page is written as JSON on the network thread, which
 * must not be held up.
 */
export const PAGE_BYTES = 4 * 2 ** 20

/** How many events are looked at for one page: at most 0.4 s of the reader's time, where each is parsed as JSON. */
export const MOST_LOOKS = 50_000

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
const WRITTEN = 'an age (`90m`, `7d`), a day (`2026-11-22`) or a time (`2026-11-22T14:00`)'

export const since = moment.optional().describe(`Only from this moment on: ${WRITTEN}.`)
export const until = moment.optional().describe(`Only up to this moment: ${WRITTEN}.`)
export const limit = z.coerce.number().int().min(1).max(MOST_ROWS).default(100).describe('At most this many.')

export const filter = z
  .string()
  .superRefine((text, context) => {
    const message = topicFilterProblem(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .describe('An MQTT topic filter.')

/** The number of an event or a run. */
export const id = z
  .string()
  .regex(/^\d{1,15}$/, 'is not a number')
  .transform(Number)

export const before = z.coerce
  .number()
  .int()
  .positive()
  .optional()
  .describe('Only what has a smaller number: for the next page, the smallest number of this one.')

/** The trace of which a request is part, as user properties of the message that it publishes. */
export const traceOfRequest = (req: { header(name: string): string | undefined }): UserProperty[] =>
  traceProperties(req.header('traceparent'), req.header('tracestate'))

/** What stands in the address alone is meant: `?all`. */
export const flag = z
  .enum(['', 'true', 'false'])
  .optional()
  .transform((text) => text !== undefined && text !== 'false')

export const jsonPath = z.string().superRefine((text, context) => {
  try {
    parseJsonCondition(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) })
  }
})

/** Which events are meant; every condition that is given must hold. */
export const eventConditions = {
  filter: filter.optional(),
  since,
  until,
  origin: z.enum(ORIGINS).optional().describe('Only events of this origin.'),
  client: z.string().optional().describe('Only what this client published.'),
  contains: z
    .string()
    .min(1)
    .optional()
    .describe('Only payloads that hold this text; upper and lower case differ.'),
  'json-path': jsonPath.optional().describe('A condition on a payload of JSON, such as `$.battery < 20`.'),
}

/** The conditions as the store takes them. */
export const conditionsOf = <T extends { readonly 'json-path'?: string | undefined }>({
  'json-path': path,
  ...rest
}: T): Omit<T, 'json-path'> & { jsonPath?: string } => ({
  ...rest,
  ...(path !== undefined && { jsonPath: path }),
})
