// Mattermost, by an incoming webhook. What it has posted cannot be changed, so that every telling is a
// message of its own.
// https://developers.mattermost.com/integrate/webhooks/incoming/

import { z } from 'zod'
import type { Tell } from './channel.ts'
import { callService } from './http.ts'
import { tls } from './request-settings.ts'
import { constructorOf, secretOnly, text } from './settings.ts'
import { COLOUR, cut, escapeMarkdown, headline, markdownLinks, toneOf } from './words.ts'

/** Older servers take 4,000 characters in a message. */
const TITLE_LENGTH = 500
const TEXT_LENGTH = 3_000

const settings = z.strictObject({
  /** The address of the webhook. Whoever knows it may write to the channel. */
  url: secretOnly,
  /** Another channel than that of the webhook, where the webhook is not tied to its own. */
  channel: text.optional(),
  tls: tls.optional(),
})

/** Tells over Mattermost. */
export const mattermost = constructorOf('mattermost', settings)

export const tell: Tell<z.output<typeof settings>> = async (
  { url, channel, ...manner },
  notification,
  telling,
) => {
  const { body, links } = notification
  const title = quietly(cut(headline(notification), { limit: TITLE_LENGTH, in: 'characters' }))
  const rest = quietly(cut(body, { limit: TEXT_LENGTH, in: 'characters', link: links.show }))
  const content = [rest, markdownLinks(notification)].filter(Boolean).join('\n\n')
  const color = `#${COLOUR[toneOf(notification)].toString(16).padStart(6, '0')}`
  const reply = await callService(
    {
      ...manner,
      url,
      body: {
        json: {
          text: title,
          ...(channel !== undefined && { channel }),
          attachments: content === '' ? [] : [{ color, fallback: title, text: content }],
        },
      },
    },
    telling,
    { isOurs: ({ text: said }) => said.trim() === 'ok' },
  )
  if (reply.kind === 'failed') return reply.untold
  return { kind: 'told', handle: null, isUpdate: false }
}

/** Neither a mark nor a call of everybody: a space without a width breaks `@channel`. */
const quietly = (content: string): string => escapeMarkdown(content).replaceAll('@', '@\u200B')
