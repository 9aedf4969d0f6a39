// Gotify: a message for an application. It can neither be changed nor taken back with an application's
// token, so that every telling is a message of its own.
// https://gotify.net/docs/pushmsg
// https://gotify.net/docs/msgextras

import { z } from 'zod'
import type { Tell } from './channel.ts'
import { callService } from './http.ts'
import { tls } from './request-settings.ts'
import { address, constructorOf, secretOnly } from './settings.ts'
import { cut, plainBody, toneOf } from './words.ts'
import type { Tone } from './words.ts'

/** The server has no limit; a phone should not have to load more. */
const MESSAGE_BYTES = 16_384

const settings = z.strictObject({
  server: address,
  /** The token of an application. */
  token: secretOnly,
  tls: tls.optional(),
})

/** Tells over Gotify. */
export const gotify = constructorOf('gotify', settings)

/** From 8 on the phone rings and vibrates, from 4 on it rings. */
const PRIORITY: Readonly<Record<Tone, number>> = {
  critical: 8,
  warning: 5,
  info: 4,
  acknowledged: 1,
  resolved: 4,
}

export const tell: Tell<z.output<typeof settings>> = async (
  { server, token, ...manner },
  notification,
  telling,
) => {
  const { title, links } = notification
  const reply = await callService(
    {
      ...manner,
      url: `${server}/message`,
      headers: { 'X-Gotify-Key': token },
      body: {
        json: {
          title,
          // It has no buttons, so that the links are text. A message without a text is refused.
          message: cut(plainBody(notification) || title, {
            limit: MESSAGE_BYTES,
            in: 'bytes',
            link: links.show,
          }),
          priority: PRIORITY[toneOf(notification)],
          ...(links.show !== undefined && {
            extras: { 'client::notification': { click: { url: links.show } } },
          }),
        },
      },
    },
    telling,
    { isOurs: ({ json }) => typeof json['id'] === 'number' },
  )
  if (reply.kind === 'failed') return reply.untold
  return { kind: 'told', handle: null, isUpdate: false, result: { message: reply.json['id'] } }
}
