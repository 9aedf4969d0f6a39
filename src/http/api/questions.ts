// What the command line asks a hub elsewhere: the questions about the journal in their own shapes, with bytes as
// bytes. The other resources answer people and programs; this one answers a `vigie` of the same version.

import { z } from 'zod'
import { ALERT_STATES } from '../../model/alert.ts'
import { ORIGINS } from '../../model/event.ts'
import type {
  AlertsQuery,
  HistoryPageQuery,
  RetainedQuery,
  RunsQuery,
  TopicsQuery,
} from '../../model/queries.ts'
import { MOST_ROWS, QUESTIONS } from '../../model/questions.ts'
import type { Question, Questions } from '../../model/questions.ts'
import { RUN_STATES } from '../../model/run.ts'
import type { StorySubject } from '../../model/story.ts'
import { toTaggedJson } from '../../model/tagged-json.ts'
import { maySee, refuseUnseenStory } from '../caller.ts'
import { filter, jsonPath, MOST_LOOKS, PAGE_BYTES } from '../params.ts'
import { route } from '../route.ts'
import type { HttpContext, Resource, Route } from '../route.ts'
import { seenHistory, seenRows } from '../seen.ts'

/** Questions about what the hub tells of itself; the others are about messages. */
const LOOKS_AT: Readonly<Partial<Record<Question, Route['looksAt']>>> = {
  runs: 'runs',
  run: 'runs',
  story: 'runs',
  alerts: 'alerts',
  alert: 'alerts',
  silences: 'alerts',
}

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

export function questionRoutes(ports: QuestionPorts): Resource {
  const answers = answersFrom(ports)
  return {
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
          ...(LOOKS_AT[question] && { looksAt: LOOKS_AT[question] }),
          body: z.strictObject({ query: QUERIES[question] as z.ZodType }),
          answers: { 200: { says: 'The answer, as JSON in which bytes are `{ "$base64": "…" }`.' } },
        },
        async ({ body: { query }, context }) => {
          const answered = await answers[question](query, context)
          return context.body(toTaggedJson(answered ?? null), 200, { 'Content-Type': 'application/json' })
        },
      ),
    ),
  }
}

type Answer = (query: never, context: HttpContext) => Promise<unknown>

/** The answers, as far as the caller may see them. */
function answersFrom({
  queries,
  hiddenRoot,
}: QuestionPorts): Readonly<Record<Question, (query: unknown, context: HttpContext) => Promise<unknown>>> {
  return {
    historyPage: (query: HistoryPageQuery, context) =>
      seenHistory(context.get('caller'), query, (each) => queries.historyPage(each), context.req.raw.signal),
    async topics(query: TopicsQuery, context) {
      const { rows, isAll } = await seenRows(context.get('caller'), query.after, async (after) => {
        const found = await queries.topics({ ...query, ...(after !== undefined && { after }) })
        return { rows: found.topics, isAll: found.isAll }
      })
      return { topics: rows, isAll }
    },
    async event(id: number, context) {
      const found = await queries.event(id)
      return found && maySee(context.get('caller'), found.topic) ? found : undefined
    },
    async retained(query: Omit<RetainedQuery, 'hiddenRoot'>, context) {
      const { rows } = await seenRows(context.get('caller'), query.after, async (after) => {
        // The caller does not know what the configuration of this hub hides.
        const found = await queries.retained({ ...query, ...(after !== undefined && { after }), hiddenRoot })
        return { rows: found, isAll: found.length === 0 }
      })
      return rows
    },
    async story(subject: StorySubject, context) {
      const found = await queries.story(subject)
      if (found) refuseUnseenStory(context.get('caller'), found)
      return found
    },
    runs: (query: RunsQuery) => queries.runs(query),
    run: (id: number) => queries.run(id),
    alerts: (query: AlertsQuery) => queries.alerts(query),
    alert: (key: string) => queries.alert(key),
    silences: () => queries.silences(),
  } satisfies Readonly<Record<Question, Answer>> as never
}
