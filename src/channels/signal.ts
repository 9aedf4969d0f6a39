// Signal, by a signal-cli-rest-api of one's own. Every telling is a message of its own.
// https://bbernhard.github.io/signal-cli-rest-api/

import { z } from 'zod'
import type { Tell } from './channel.ts'
import { callService } from './http.ts'
import { auth, tls } from './request-settings.ts'
import { address, constructorOf, text, texts } from './settings.ts'
import { plainText } from './words.ts'

/** What is longer is sent as an attachment. */
const MESSAGE_LENGTH = 2_000

const settings = z.strictObject({
  server: address,
  /** The number that is registered with the server: `+33612345678`. */
  from: text,
  /** Numbers, user names or ids of groups. */
  to: texts,
  auth: auth.optional(),
  tls: tls.optional(),
})

/** Tells over Signal. */
export const signal = constructorOf('signal', settings)

export const tell: Tell<z.output<typeof settings>> = async (
  { server, from, to, ...manner },
  notification,
  telling,
) => {
  const message = plainText(notification, { limit: MESSAGE_LENGTH, in: 'characters' })
  const reply = await callService(
    { ...manner, url: `${server}/v2/send`, body: { json: { number: from, recipients: to, message } } },
    telling,
    { isOurs: ({ json }) => json['timestamp'] !== undefined },
  )
  if (reply.kind === 'failed') return reply.untold
  return { kind: 'told', handle: null, isUpdate: false, result: { timestamp: reply.json['timestamp'] } }
}
