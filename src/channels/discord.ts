// Discord: a message of a webhook. A later telling changes the first message; since that makes no sound,
// what is to be heard is also said in a message of its own.
// https://discord.com/developers/docs/resources/webhook

import { z } from 'zod'
import type { JsonObject } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import type { Tell, Telling } from './channel.ts'
import { callService } from './http.ts'
import type { Manners } from './http.ts'
import { constructorOf, secretOnly, text } from './settings.ts'
import { COLOUR, cut, escapeMarkdown, headline, isHeard, markdownLinks, toneOf } from './words.ts'

const CONTENT_LENGTH = 2_000
const DESCRIPTION_LENGTH = 4_000
/** Unknown Message: somebody has deleted it. */
const UNKNOWN_MESSAGE = 10_008

const settings = z.strictObject({
  /** The address of the webhook. Whoever knows it may write to the channel. */
  url: secretOnly,
  /** The number of a thread or of a post in a forum. */
  thread: text.optional(),
})
type Settings = z.output<typeof settings>

/** Tells over Discord. */
export const discord = constructorOf('discord', settings)

export const tell: Tell<Settings> = async (channel, notification, telling) => {
  const before = (telling.handle as { message?: string } | null)?.message
  const content = contentOf(notification)
  if (before !== undefined) {
    const changed = await call('PATCH', before, content, channel, telling)
    if (changed.kind === 'good') {
      if (isHeard(notification)) {
        const said = await call('POST', null, { ...content, embeds: [] }, channel, telling)
        if (said.kind === 'failed') return said.untold
      }
      return { kind: 'told', handle: { message: before }, isUpdate: true, result: { message: before } }
    }
    if (changed.json['code'] !== UNKNOWN_MESSAGE) return changed.untold
  }
  const sent = await call('POST', null, content, channel, telling)
  if (sent.kind === 'failed') return sent.untold
  const message = sent.json['id']
  return { kind: 'told', handle: { message }, isUpdate: false, result: { message } }
}

function contentOf(notification: Notification): JsonObject {
  const { body, links } = notification
  const actions = markdownLinks(notification)
  const room = DESCRIPTION_LENGTH - actions.length
  const rest = cut(escapeMarkdown(body), { limit: room, in: 'characters', link: links.show })
  const description = [rest, actions].filter(Boolean).join('\n\n')
  return {
    content: cut(escapeMarkdown(headline(notification)), { limit: CONTENT_LENGTH, in: 'characters' }),
    embeds: description === '' ? [] : [{ description, color: COLOUR[toneOf(notification)] }],
    // Nobody is called by what an alert quotes.
    allowed_mentions: { parse: [] },
  }
}

function call(
  method: 'POST' | 'PATCH',
  message: string | null,
  body: JsonObject,
  { url, thread }: Settings,
  telling: Telling,
) {
  const secret = telling.disclosure.resolve(url)
  const target = URL.parse(secret)
  if (target) {
    if (message === null) target.searchParams.set('wait', 'true')
    else target.pathname = `${target.pathname}/messages/${message}`
    if (thread !== undefined) target.searchParams.set('thread_id', thread)
  }
  return callService({ method, url: target?.href ?? secret, body: { json: body } }, telling, MANNERS)
}

const MANNERS: Manners = {
  isOurs: ({ json }) => typeof json['id'] === 'string',
  pauseMs: ({ retry_after: seconds }) => (typeof seconds === 'number' ? seconds * 1_000 : undefined),
}
