// ntfy: one message with a sequence id, which a server from 2.16 on replaces when it is sent again. An older
// server shows a second message; its answer lacks the id, and tells it from the newer ones.
// https://docs.ntfy.sh/publish/

import { z } from 'zod'
import type { Tell } from './channel.ts'
import { callService } from './http.ts'
import { auth, tls } from './request-settings.ts'
import { address, constructorOf, secretText } from './settings.ts'
import { buttonsOf, cut, keyOf, toneOf } from './words.ts'
import type { Tone } from './words.ts'

/** A longer message becomes an attachment. */
const MESSAGE_BYTES = 4_096
const MOST_ACTIONS = 3

const settings = z.strictObject({
  /** Whoever knows the topic may read it, unless the server is told otherwise: it may be a secret. */
  topic: secretText,
  /** By default the public server. */
  server: address.default('https://ntfy.sh'),
  auth: auth.optional(),
  tls: tls.optional(),
})

/** Tells over ntfy. */
export const ntfy = constructorOf('ntfy', settings)

/** 5 breaks through "do not disturb", 2 makes no sound. */
const PRIORITY: Readonly<Record<Tone, number>> = {
  critical: 5,
  warning: 4,
  info: 3,
  acknowledged: 2,
  resolved: 3,
}
/** Names of emoji; ntfy puts them before the title. */
const TAG: Readonly<Record<Tone, string>> = {
  critical: 'rotating_light',
  warning: 'warning',
  info: 'information_source',
  acknowledged: 'eyes',
  resolved: 'white_check_mark',
}

export const tell: Tell<z.output<typeof settings>> = async (
  { topic, server, ...manner },
  notification,
  telling,
) => {
  const { title, body, links } = notification
  const tone = toneOf(notification)
  const sequence = keyOf(notification.id)
  const reply = await callService(
    {
      ...manner,
      url: server,
      body: {
        json: {
          topic: telling.disclosure.resolve(topic),
          sequence_id: sequence,
          // A message without a text is shown as "triggered".
          ...(body !== '' && { title }),
          message: cut(body || title, { limit: MESSAGE_BYTES, in: 'bytes', link: links.show }),
          priority: PRIORITY[tone],
          tags: [TAG[tone]],
          ...(links.show !== undefined && { click: links.show }),
          actions: buttonsOf(notification)
            .slice(0, MOST_ACTIONS)
            .map(({ label, url, acts }) =>
              acts
                ? { action: 'http', label, url, method: 'POST', clear: true }
                : { action: 'view', label, url },
            ),
        },
      },
    },
    telling,
    { isOurs: ({ json }) => typeof json['id'] === 'string' },
  )
  if (reply.kind === 'failed') return reply.untold
  const replaces = reply.json['sequence_id'] === sequence
  return {
    kind: 'told',
    handle: { replaces },
    isUpdate: replaces && telling.handle !== null,
    result: { message: reply.json['id'] },
  }
}
