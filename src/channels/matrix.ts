// Matrix: a message in a room that is not encrypted. A later telling replaces the first message; since that
// makes no sound, what is to be heard is also said in a reply. The transaction id is derived from the
// telling, so that a server takes each message once.
// https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid

import { z } from 'zod'
import type { JsonObject } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import type { Tell, Telling } from './channel.ts'
import { callService } from './http.ts'
import type { Manners } from './http.ts'
import { tls } from './request-settings.ts'
import { address, constructorOf, leaf, secretOnly } from './settings.ts'
import { buttonsOf, cut, escapeHtml, headline, isHeard, keyOf, plainText } from './words.ts'

/** An event may have 64 KiB, and an edit holds the text four times: twice plain, and twice as HTML. */
const TEXT_BYTES = 4_096

const settings = z.strictObject({
  /** The homeserver. */
  server: address,
  token: secretOnly,
  /** The id of a room, which is among its settings: `!abc:example.org`. An alias is no id. */
  room: leaf<`!${string}`>("the id of a room, such as '!abc:example.org'", (value) =>
    /^!./.test(String(value)),
  ),
  tls: tls.optional(),
})
type Settings = z.output<typeof settings>

/** Tells over Matrix. */
export const matrix = constructorOf('matrix', settings)

export const tell: Tell<Settings> = async (channel, notification, telling) => {
  const before = (telling.handle as { readonly event: string } | null)?.event
  const content = contentOf(notification)
  const key = telling.key
  if (before === undefined) {
    const sent = await send(`${key} new`, content, channel, telling)
    if (sent.kind === 'failed') return sent.untold
    const event = sent.json['event_id']
    return { kind: 'told', handle: { event }, isUpdate: false, result: { event } }
  }
  const edit = {
    ...content,
    body: `* ${content.body}`,
    'm.new_content': content,
    'm.relates_to': { rel_type: 'm.replace', event_id: before },
  }
  const changed = await send(`${key} edit`, edit, channel, telling)
  if (changed.kind === 'failed') return changed.untold
  if (isHeard(notification)) {
    const said = await send(`${key} reply`, replyTo(before, notification), channel, telling)
    if (said.kind === 'failed') return said.untold
  }
  return { kind: 'told', handle: { event: before }, isUpdate: true, result: { event: before } }
}

function contentOf(notification: Notification): JsonObject & { readonly body: string } {
  const { body, links } = notification
  const bound = { limit: TEXT_BYTES, in: 'bytes' } as const
  const title = escapeHtml(cut(headline(notification), { limit: TEXT_BYTES / 4, in: 'bytes' }))
  const rest = escapeHtml(cut(body, { ...bound, link: links.show })).replaceAll('\n', '<br>')
  const actions = buttonsOf(notification)
    .map(({ label, url }) => `<a href="${escapeHtml(url)}">${label}</a>`)
    .join(' · ')
  return {
    msgtype: 'm.text',
    body: plainText(notification, bound),
    format: 'org.matrix.custom.html',
    formatted_body: [`<b>${title}</b>`, rest, actions].filter(Boolean).join('<br>'),
    // Nobody is called by what an alert quotes.
    'm.mentions': {},
  }
}

const replyTo = (event: string, notification: Notification): JsonObject => ({
  msgtype: 'm.text',
  body: cut(headline(notification), { limit: TEXT_BYTES, in: 'bytes' }),
  'm.mentions': {},
  'm.relates_to': { 'm.in_reply_to': { event_id: event } },
})

function send(
  key: string,
  content: JsonObject,
  { server, room, token, ...manner }: Settings,
  telling: Telling,
) {
  const transaction = keyOf(key)
  return callService(
    {
      ...manner,
      method: 'PUT',
      url: `${server}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${transaction}`,
      auth: { bearer: token },
      body: { json: content },
    },
    telling,
    MANNERS,
  )
}

const MANNERS: Manners = {
  isOurs: ({ json }) => typeof json['event_id'] === 'string',
  pauseMs: ({ retry_after_ms: pause }) => (typeof pause === 'number' ? pause : undefined),
}
