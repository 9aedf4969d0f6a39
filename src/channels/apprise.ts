// Apprise API: one channel to some hundred and thirty services, which are configured there under a key.
// https://github.com/caronc/apprise-api

import { z } from 'zod'
import type { AnswerClass } from '../http-client/answer.ts'
import type { Tell } from './channel.ts'
import { callService } from './http.ts'
import { auth, tls } from './request-settings.ts'
import { address, constructorOf, joined, secretText, text } from './settings.ts'
import { cut, plainBody, toneOf } from './words.ts'
import type { Tone } from './words.ts'

/** The server cuts further to what each service takes. */
const BODY_LENGTH = 10_000
const TITLE_LENGTH = 250

const settings = z.strictObject({
  server: address,
  /** The key under which the server keeps the services. */
  key: secretText,
  /** Only the services with this tag; by default all of the key. */
  tag: text.optional(),
  auth: auth.optional(),
  tls: tls.optional(),
})

/** Tells over an Apprise API server. */
export const apprise = constructorOf('apprise', settings)

const TYPE: Readonly<Record<Tone, string>> = {
  critical: 'failure',
  warning: 'warning',
  info: 'info',
  acknowledged: 'info',
  resolved: 'success',
}

export const tell: Tell<z.output<typeof settings>> = async (
  { server, key, tag, ...manner },
  notification,
  telling,
) => {
  const bound = { limit: BODY_LENGTH, in: 'characters', link: notification.links.show } as const
  const title = cut(notification.title, { limit: TITLE_LENGTH, in: 'characters' })
  const reply = await callService(
    {
      ...manner,
      url: joined(`${server}/notify/`, key),
      body: {
        json: {
          title,
          // A message without a text is refused.
          body: cut(plainBody(notification) || title, bound),
          type: TYPE[toneOf(notification)],
          format: 'text',
          ...(tag !== undefined && { tag }),
        },
      },
    },
    telling,
    { judge: ({ status }) => VERDICTS[status] },
  )
  if (reply.kind === 'failed') return reply.untold
  return { kind: 'told', handle: null, isUpdate: false }
}

const VERDICTS: Readonly<Record<number, AnswerClass>> = {
  /** Nothing is kept under the key, or nothing has the tag. */
  204: { kind: 'gone' },
  /** One of the services did not take it. */
  424: { kind: 'later' },
}
