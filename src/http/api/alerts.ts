// Alerts: what people say about them, as commands.

import { z } from 'zod'
import { ALERT_CHANGES } from '../../model/alert-change.ts'
import type { AlertChange } from '../../model/alert-change.ts'
import { Reply, route } from '../route.ts'
import type { Resource } from '../route.ts'
import type { CommandAlert } from './alert-commands.ts'
import { isoAt } from './nouns.ts'

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

export const alertRoutes = (commandAlert: CommandAlert): Resource => ({
  name: 'Alerts',
  about: 'What is wrong, and what people say about it.',
  routes: ALERT_CHANGES.map((change) =>
    route(
      {
        method: 'POST',
        path: `/api/alerts/${change}`,
        summary: SUMMARIES[change],
        about: `What \`vigie alert ${change}\` does.`,
        needs: 'act',
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
      async ({ query: { key }, body }) => {
        const { event, answer } = await commandAlert(key, change, body)
        if (answer === null) return new Reply(503, { error: notTaken(event) })
        if (!answer.ok) return new Reply(409, { error: `The hub refused: ${answer.reason}.` })
        return { event, ...answer }
      },
    ),
  ),
})

const notTaken = (event: number): string =>
  `The command is in the journal, as event ${event}, but no engine has taken it yet: one will as soon as it can.`
