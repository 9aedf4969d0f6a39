import { teams } from '../../src/channels/teams.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel } from './http-channel.ts'

const post = (body: object[], actions: object[]): Asked => ({
  line: 'POST /workflows/1/triggers/manual/paths/invoke?sig=s1gnature',
  headers: { 'content-type': 'application/json' },
  body: {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body,
          actions,
        },
      },
    ],
  },
})
const title = (text: string, color: string) => ({
  type: 'TextBlock',
  text,
  wrap: true,
  weight: 'bolder',
  size: 'medium',
  color,
})
const text = { type: 'TextBlock', text: String.raw`No answer for \<2 min\> & more.`, wrap: true }
const open = (label: string, path: string) => ({
  type: 'Action.OpenUrl',
  title: label,
  url: `https://hub.example.org/${path}`,
})
const show = open('Show', 'alerts/nas')
const actions = [show, open('Acknowledge', 'do/ack-1'), open('Silence', 'do/silence-1')]

describeHttpChannel('teams', {
  at: () => teams({ url: secret('TEAMS_URL') }),
  secrets: (url) => ({ TEAMS_URL: `${url}/workflows/1/triggers/manual/paths/invoke?sig=s1gnature` }),
  takes: { status: 202 },
  sends: {
    firing: [post([title('🔴 nas is down', 'attention'), text], actions)],
    reminder: [post([title('🔴 Still firing, for 3 h: nas is down', 'attention'), text], actions)],
    acknowledged: [post([title('👀 Acknowledged by ada: nas is down', 'default'), text], [show])],
    resolved: [post([title('✅ Resolved after 3 h: nas is down', 'good')], [show])],
  },
  updates: false,
  keyIn: null,
  limit: {
    of: ({ body }) =>
      (body as { attachments: { content: { body: JsonObject[] } }[] }).attachments[0]?.content.body[1]?.[
        'text'
      ],
    most: 10_000,
    in: 'bytes',
  },
  empty: { 200: 'told', 202: 'told', 204: 'told' },
})
