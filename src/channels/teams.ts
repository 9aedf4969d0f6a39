// Microsoft Teams, by a workflow that posts what a webhook gets: an adaptive card. It cannot be changed, so
// that every telling is a card of its own.
// https://support.microsoft.com/office/8ae491c7-0394-4861-ba59-055e33f75498
// https://adaptivecards.io/explorer/

import { z } from 'zod'
import type { JsonObject } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import type { Tell } from './channel.ts'
import { callService } from './http.ts'
import { constructorOf, secretOnly } from './settings.ts'
import { buttonsOf, cut, escapeMarkdown, headline, toneOf } from './words.ts'
import type { Tone } from './words.ts'

/** A message may have 28 KB, with what Teams adds. */
const BODY_BYTES = 10_000
const TITLE_BYTES = 2_000

const settings = z.strictObject({
  /** The address that the workflow shows. It holds a signature: whoever knows it may post. */
  url: secretOnly,
})

/** Tells over Microsoft Teams. */
export const teams = constructorOf('teams', settings)

const COLOUR: Readonly<Record<Tone, string>> = {
  critical: 'attention',
  warning: 'warning',
  info: 'accent',
  acknowledged: 'default',
  resolved: 'good',
}

export const tell: Tell<z.output<typeof settings>> = async ({ url }, notification, telling) => {
  const attachment = {
    contentType: 'application/vnd.microsoft.card.adaptive',
    content: cardOf(notification),
  }
  const reply = await callService(
    { url, body: { json: { type: 'message', attachments: [attachment] } } },
    telling,
  )
  if (reply.kind === 'failed') return reply.untold
  return { kind: 'told', handle: null, isUpdate: false }
}

function cardOf(notification: Notification): JsonObject {
  const { body, links } = notification
  const title = cut(headline(notification), { limit: TITLE_BYTES, in: 'bytes' })
  const rest = cut(body, { limit: BODY_BYTES, in: 'bytes', link: links.show })
  const heading = { weight: 'bolder', size: 'medium', color: COLOUR[toneOf(notification)] }
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [textBlock(title, heading), ...(rest === '' ? [] : [textBlock(rest)])],
    actions: buttonsOf(notification).map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url })),
  }
}

/** A single line ending is none in Markdown. */
const textBlock = (content: string, more: JsonObject = {}): JsonObject => ({
  type: 'TextBlock',
  text: escapeMarkdown(content).replaceAll('\n', '\n\n'),
  wrap: true,
  ...more,
})
