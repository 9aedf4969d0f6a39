// Slack by a bot. A later telling changes the first message; since that makes no sound, what is to be heard
// is also said in its thread, and shown in the channel.
// https://api.slack.com/methods/chat.postMessage
// https://api.slack.com/methods/chat.update

import { z } from 'zod'
import type { AnswerClass } from '../http-client/answer.ts'
import type { JsonObject } from '../model/json.ts'
import type { Tell, Telling } from './channel.ts'
import { callService, textIn } from './http.ts'
import type { Manners, Reply } from './http.ts'
import { address, constructorOf, secretOnly, text } from './settings.ts'
import { slackMessage, slackText } from './slack-message.ts'
import { isHeard } from './words.ts'

const settings = z.strictObject({
  /** The token of the bot, `xoxb-…`; it needs the scope `chat:write`. */
  token: secretOnly,
  /** The id of a channel, or its name, such as `'#alerts'`; the bot is to be a member. */
  channel: text,
  server: address.default('https://slack.com'),
})
type Settings = z.output<typeof settings>

/** Tells over a bot of Slack. */
export const slackBot = constructorOf('slackBot', settings)

export const tell: Tell<Settings> = async (bot, notification, telling) => {
  const before = telling.handle as { readonly channel: string; readonly ts: string } | null
  const content = slackMessage(notification)
  if (before) {
    const changed = await call('chat.update', { ...before, ...content }, bot, telling)
    if (changed.kind === 'good') {
      if (isHeard(notification)) {
        const said = await call(
          'chat.postMessage',
          {
            channel: before.channel,
            thread_ts: before.ts,
            reply_broadcast: true,
            text: slackText(notification),
          },
          bot,
          telling,
        )
        if (said.kind === 'failed') return said.untold
      }
      return { kind: 'told', handle: { ...before }, isUpdate: true, result: { ts: before.ts } }
    }
    if (!LOST.has(textIn(changed, 'error'))) return changed.untold
  }
  const sent = await call('chat.postMessage', { channel: bot.channel, ...content }, bot, telling)
  if (sent.kind === 'failed') return sent.untold
  const { channel, ts } = sent.json
  return { kind: 'told', handle: { channel, ts }, isUpdate: false, result: { ts } }
}

const call = (method: string, body: JsonObject, { server, token }: Settings, telling: Telling) =>
  callService(
    { url: `${server}/api/${method}`, auth: { bearer: token }, body: { json: body } },
    telling,
    MANNERS,
  )

/** The first message cannot be changed any more. */
const LOST: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed'])
const LATER: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
])
const BAD: ReadonlySet<string> = new Set([
  'msg_too_long',
  'msg_blocks_too_long',
  'no_text',
  'invalid_attachments',
  'invalid_blocks',
  'too_many_attachments',
])

const MANNERS: Manners = {
  isOurs: ({ json }) => json['ok'] === true,
  // Nearly every refusal has the status 200. What is neither of the moment nor of the message is of the token
  // or the channel.
  judge(reply: Reply): AnswerClass | undefined {
    const error = textIn(reply, 'error')
    if (reply.status >= 300 || reply.json['ok'] !== false || error === '') return undefined
    if (LATER.has(error)) return { kind: 'later' }
    return { kind: BAD.has(error) || LOST.has(error) ? 'bad' : 'gone' }
  },
}
