// Alerts: what is wrong, its past, and what people say about it, which are commands.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { alertReport } from '../../alerts/report.ts'
import type { Remote } from '../../base/calls.ts'
import { ALERT_STATES, SEVERITIES } from '../../model/alert.ts'
import { ALERT_CHANGES } from '../../model/alert-change.ts'
import type { AlertChange } from '../../model/alert-change.ts'
import type { Queries } from '../../model/queries.ts'
import { alertCommandTopic } from '../../topics/alert-topic.ts'
import { signed } from '../caller.ts'
import { flag, limit } from '../params.ts'
import { Reply, route } from '../route.ts'
import type { Resource, Route } from '../route.ts'
import type { CommandAlert } from './alert-commands.ts'
import { notTaken } from './engine-commands.ts'
import { at, isoAt } from './nouns.ts'

const SUMMARIES: Readonly<Record<AlertChange, string>> = {
  ack: 'Acknowledge an alert',
  unack: 'Take an acknowledgement back',
  silence: 'Silence an alert, or all whose keys match a filter, for a while',
  unsilence: 'End a silence',
  resolve: 'Resolve an alert by hand',
}

/** The engine checks what an order says. */
const order = z.looseObject({
  by: z.string().optional().describe('Who says so.'),
  comment: z.string().optional(),
  for: z.string().optional().describe('For `silence`: how long, such as `2h`.'),
})

const changed = z.object({
  event: z.int().describe('The event with which it was said.'),
  ok: z.literal(true),
  alert: z.looseObject({ state: z.string(), acknowledgedBy: z.string().optional() }).optional(),
  silence: z.looseObject({ name: z.string(), until: isoAt }).optional(),
})

const report = z
  .looseObject({
    key: z.string(),
    state: z.enum(ALERT_STATES),
    severity: z.enum(SEVERITIES),
    title: z.string(),
    body: z.string(),
    labels: z.record(z.string(), z.string()),
    count: z.int().describe('How often it was raised since it opened.'),
    since: isoAt.describe('When its state began.'),
    openedAt: isoAt,
    rule: z.string().nullable(),
    cause: z.object({ event: z.int(), topic: z.string() }).nullable(),
    parent: z.string().nullable(),
    acknowledgedBy: z.string().optional(),
    silencedBy: z.string().optional(),
  })
  .meta({ id: 'Alert' })

const flip = z.looseObject({
  from: z.enum(ALERT_STATES).nullable(),
  to: z.enum(ALERT_STATES),
  at,
  event: z.int().nullable(),
  by: z.string(),
})
const notification = z.looseObject({ id: z.string(), channel: z.string(), openedAt: at, tellings: z.int() })
const silence = z.looseObject({
  name: z.string(),
  match: z.looseObject({}),
  fromAt: at,
  untilAt: at,
  author: z.string(),
  comment: z.string(),
})

export interface AlertPorts {
  readonly queries: Remote<Pick<Queries, 'alerts' | 'alert' | 'silences'>>
  readonly commandAlert: CommandAlert
}

export const alertRoutes = ({ queries, commandAlert }: AlertPorts): Resource => ({
  name: 'Alerts',
  about: 'What is wrong, and what people say about it.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/alerts',
        summary: 'List alerts, the newest change of state first',
        needs: 'read',
        looksAt: 'alerts',
        query: {
          all: flag.describe('Resolved ones as well.'),
          state: z.enum(ALERT_STATES).optional().describe('Only those in this state.'),
          limit,
        },
        answers: { 200: { says: 'The alerts.', schema: z.array(report) } },
      },
      async ({ query: { all, state, limit: most } }) => {
        const states =
          state === undefined ? ALERT_STATES.filter((each) => all || each !== 'resolved') : [state]
        return (await queries.alerts({ states, limit: most })).map(alertReport)
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/alerts/{key}',
        summary: 'Show one alert, with its past and what is told of it',
        about: 'The slashes of its key are written `%2F`.',
        needs: 'read',
        looksAt: 'alerts',
        params: { key: z.string() },
        answers: {
          200: {
            says: 'The alert.',
            schema: report.extend({ flips: z.array(flip), notifications: z.array(notification) }),
          },
          404: 'The hub knows no such alert.',
        },
      },
      async ({ params: { key } }) => {
        const found = await queries.alert(key)
        if (found === undefined)
          throw new HTTPException(404, { message: `The hub knows no alert ${JSON.stringify(key)}.` })
        const { alert, flips, notifications } = found
        return { ...alertReport(alert), flips, notifications }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/silences',
        summary: 'List silences',
        needs: 'read',
        looksAt: 'alerts',
        answers: { 200: { says: 'The silences.', schema: z.array(silence) } },
      },
      () => queries.silences(),
    ),
    ...ALERT_CHANGES.map((change) => changeRoute(change, commandAlert)),
  ],
})

const changeRoute = (change: AlertChange, commandAlert: CommandAlert): Route =>
  route(
    {
      method: 'POST',
      path: `/api/alerts/${change}`,
      summary: SUMMARIES[change],
      about: `What \`vigie alert ${change}\` does.`,
      needs: 'act',
      commandTopic: (root, { req }) => alertCommandTopic(req.query('key') ?? '', change, root),
      query: {
        key: z
          .string({ error: 'Name the alert by its key: ?key=KEY' })
          .min(1, 'Name the alert by its key: ?key=KEY')
          .describe('The key of the alert; of a silence, a topic filter over keys.'),
      },
      body: order,
      answers: {
        200: { says: 'What came of it.', schema: changed },
        409: 'The hub refused, and why.',
        503: 'No engine has taken the command yet; one will.',
      },
    },
    async ({ query: { key }, body, context }) => {
      const { event, answer } = await commandAlert(key, change, signed(context.get('caller'), body))
      if (answer === null) return new Reply(503, { error: notTaken(event) })
      if (!answer.ok) return new Reply(409, { error: `The hub refused: ${answer.reason}.` })
      return { event, ...answer }
    },
  )
