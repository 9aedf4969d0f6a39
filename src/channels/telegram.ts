// Telegram: a message of a bot. A later telling changes the first message; since that makes no sound, what
// is to be heard is also said in a reply to it.
// https://core.telegram.org/bots/api

import { z } from 'zod'
import type { AnswerClass } from '../http-client/answer.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import type { Tell, Telling } from './channel.ts'
import { callService, textIn } from './http.ts'
import type { Failure, Manners, Reply } from './http.ts'
import { address, constructorOf, joined, leaf, secretOnly, whole } from './settings.ts'
import { buttonsOf, cut, escapeHtml, headline, isHeard } from './words.ts'

/** Counted without the marks of HTML. */
const TEXT_LENGTH = 4_096

const settings = z.strictObject({
  /** The token that BotFather gave: `123456:ABC…`. */
  token: secretOnly,
  /** The number of a chat, or the name of a public channel. */
  chat: leaf<number | `@${string}`>(
    "the number of a chat, or a name such as '@alerts'",
    (value) => Number.isSafeInteger(value) || (typeof value === 'string' && /^@\w+$/.test(value)),
  ),
  /** The number of a topic of a group that has topics. */
  thread: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  /** A Bot API server of your own. */
  server: address.default('https://api.telegram.org'),
})
type Settings = z.output<typeof settings>

/** Tells over Telegram. */
export const telegram = constructorOf('telegram', settings)

export const tell: Tell<Settings> = async (channel, notification, telling) => {
  const { chat, thread } = channel
  const before = (telling.handle as { message?: Json } | null)?.message
  const content = contentOf(notification)
  if (typeof before === 'number') {
    const edited = await call(
      'editMessageText',
      { chat_id: chat, message_id: before, ...content },
      channel,
      telling,
    )
    if (edited.kind === 'good' || isUnchanged(edited)) {
      if (isHeard(notification)) {
        const said = await call('sendMessage', replyTo(before, channel, notification), channel, telling)
        if (said.kind === 'failed') return said.untold
      }
      return { kind: 'told', handle: { message: before }, isUpdate: true, result: { message: before } }
    }
    if (!isLost(edited)) return edited.untold
  }
  const to = { chat_id: chat, ...(thread !== undefined && { message_thread_id: thread }) }
  const sent = await call('sendMessage', { ...to, ...content }, channel, telling)
  if (sent.kind === 'failed') return sent.untold
  const message = (sent.json['result'] as JsonObject | undefined)?.['message_id']
  const handle = typeof message === 'number' ? { message } : null
  return { kind: 'told', handle, isUpdate: false, result: { message } }
}

function contentOf(notification: Notification): JsonObject {
  const { body, links } = notification
  const title = cut(headline(notification), { limit: TEXT_LENGTH / 2, in: 'characters' })
  const room = TEXT_LENGTH - title.length - 1
  const rest = cut(body, { limit: room, in: 'characters', link: links.show })
  const buttons = buttonsOf(notification).map(({ label, url }) => ({ text: label, url }))
  return {
    text: `<b>${escapeHtml(title)}</b>${rest === '' ? '' : `\n${escapeHtml(rest)}`}`,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    // An empty keyboard takes away the one that was there.
    reply_markup: { inline_keyboard: buttons.length === 0 ? [] : [buttons] },
  }
}

const replyTo = (message: number, { chat, thread }: Settings, notification: Notification): JsonObject => ({
  chat_id: chat,
  ...(thread !== undefined && { message_thread_id: thread }),
  text: cut(headline(notification), { limit: TEXT_LENGTH, in: 'characters' }),
  reply_parameters: { message_id: message, allow_sending_without_reply: true },
})

const call = (method: string, body: JsonObject, { server, token }: Settings, telling: Telling) =>
  callService({ url: joined(`${server}/bot`, token, `/${method}`), body: { json: body } }, telling, MANNERS)

const MANNERS: Manners = {
  isOurs: ({ json }) => json['ok'] === true,
  pauseMs: ({ parameters }) => {
    const seconds = (parameters as JsonObject | undefined)?.['retry_after']
    return typeof seconds === 'number' ? seconds * 1_000 : undefined
  },
  // A chat that does not exist, or that the bot was thrown out of, is a bad request there.
  judge: (reply: Reply): AnswerClass | undefined =>
    reply.status === 400 && says(reply, /chat not found|group chat was upgraded/)
      ? { kind: 'gone' }
      : undefined,
}

const says = (answer: Pick<Reply, 'json'>, words: RegExp): boolean =>
  words.test(textIn(answer, 'description'))
const isUnchanged = (failure: Failure): boolean => says(failure, /message is not modified/)
/** Somebody has deleted the message, or it is too old to be changed. */
const isLost = (failure: Failure): boolean =>
  says(failure, /message to edit not found|message can't be edited|MESSAGE_ID_INVALID/)
