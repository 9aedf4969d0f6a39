// What the command line asks a hub elsewhere: the questions about the journal in their own shapes, with bytes as
// bytes. The other resources answer people and programs; this one answers a `vigie` of the same version.

import { z } from 'zod'
import { ALERT_STATES } from '../../model/alert.ts'
import { ORIGINS } from '../../model/event.ts'
import { MOST_ROWS, QUESTIONS } from '../../model/questions.ts'
import type { Question, Questions } from '../../model/questions.ts'
import { RUN_STATES } from '../../model/run.ts'
import { toTaggedJson } from '../../model/tagged-json.ts'
import { filter, jsonPath, MOST_LOOKS, PAGE_BYTES } from '../params.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'

/** An alert is a few hundred bytes. */
const MOST_ALERTS = 10_000

const whole = z.int().min(0)
const moment = z.number()
const limit = whole.max(MOST_ROWS)
const bytes = whole.max(PAGE_BYTES).default(PAGE_BYTES)
const text = z.string()

/** What each question may be asked with. */
const QUERIES = {
  historyPage: z.strictObject({
    filter: filter.optional(),
    since: moment.optional(),
    until: moment.optional(),
    origin: z.enum(ORIGINS).optional(),
    client: text.optional(),
    contains: text.optional(),
    jsonPath: jsonPath.optional(),
    before: whole.optional(),
    after: whole.optional(),
    limit,
    looks: whole.max(MOST_LOOKS).default(MOST_LOOKS),
    bytes,
  }),
  topics: z.strictObject({ filter: filter.optional(), after: text.optional(), limit, bytes }),
  event: whole,
  retained: z.strictObject({
    filter,
    hiddenRoot: text.nullable(),
    after: text.optional(),
    limit,
    bytes,
  }),
  runs: z.strictObject({
    rule: text.optional(),
    state: z.enum(RUN_STATES).optional(),
    since: moment.optional(),
    before: whole.optional(),
    limit,
  }),
  run: whole,
  story: z.strictObject({ kind: z.enum(['event', 'run']), id: whole }),
  alerts: z.strictObject({
    states: z.array(z.enum(ALERT_STATES)).optional(),
    limit: whole.max(MOST_ALERTS),
  }),
  alert: text,
  silences: z.null(),
} as const satisfies Record<Question, z.ZodType>

export interface QuestionPorts {
  readonly queries: Questions
  /** See `RetainedQuery`. */
  readonly hiddenRoot: string | null
}

export const questionRoutes = ({ queries, hiddenRoot }: QuestionPorts): Resource => ({
  name: 'Questions of the command line',
  about:
    'How `vigie --hub URL` looks into the journal. Its shapes are those of one version, and may change with it: ' +
    'programs use the other resources.',
  routes: QUESTIONS.map((question) =>
    route(
      {
        method: 'POST',
        path: `/api/questions/${question}`,
        summary: `Answer \`${question}\``,
        needs: 'read',
        body: z.strictObject({ query: QUERIES[question] as z.ZodType }),
        answers: { 200: { says: 'The answer, as JSON in which bytes are `{ "$base64": "…" }`.' } },
      },
      async ({ body: { query }, context }) => {
        const ask = queries[question] as (query: unknown) => Promise<unknown>
        // The caller does not know what the configuration of this hub hides.
        const asked = question === 'retained' ? { ...(query as object), hiddenRoot } : query
        const answered = (await ask(asked)) ?? null
        return context.body(toTaggedJson(answered), 200, { 'Content-Type': 'application/json' })
      },
    ),
  ),
})
