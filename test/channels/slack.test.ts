// Covers `src/channels/slack-message.ts`.

import { slack } from '../../src/channels/slack.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel } from './http-channel.ts'
import { slackMessages } from './slack-messages.ts'

const post = (body: object): Asked => ({
  line: 'POST /services/T1/B1/s3cret',
  headers: { 'content-type': 'application/json' },
  body,
})

describeHttpChannel('slack', {
  at: () => slack({ url: secret('SLACK_URL') }),
  secrets: (url) => ({ SLACK_URL: `${url}/services/T1/B1/s3cret` }),
  takes: { status: 200, body: 'ok' },
  sends: {
    firing: [post(slackMessages.firing)],
    reminder: [post(slackMessages.reminder)],
    acknowledged: [post(slackMessages.acknowledged)],
    resolved: [post(slackMessages.resolved)],
  },
  updates: false,
  keyIn: null,
  limit: { of: sectionIn, most: 3_000, in: 'characters' },
  empty: { 200: 'later', 202: 'later', 204: 'later' },
})

function sectionIn({ body }: Asked): unknown {
  const { attachments } = body as { attachments: { blocks: { text: JsonObject }[] }[] }
  return attachments[0]?.blocks[0]?.text['text']
}
