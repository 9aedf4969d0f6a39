// A notification as Slack shows it, for its webhooks and its bots alike.
// https://api.slack.com/reference/messaging/attachments

import type { JsonObject } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import { buttonsOf, COLOUR, cut, headline, toneOf } from './words.ts'

/** Of a section. */
const SECTION_LENGTH = 3_000
const TITLE_LENGTH = 1_000

export function slackMessage(notification: Notification): JsonObject {
  const { body, links } = notification
  const buttons = buttonsOf(notification)
  const blocks: JsonObject[] = []
  if (body !== '') {
    const plain = cut(body, { limit: SECTION_LENGTH, in: 'characters', link: links.show })
    blocks.push({ type: 'section', text: { type: 'plain_text', text: plain, emoji: false } })
  }
  if (buttons.length > 0) {
    const elements = buttons.map(({ label, url }) => ({
      type: 'button',
      text: { type: 'plain_text', text: label },
      url,
    }))
    blocks.push({ type: 'actions', elements })
  }
  const color = `#${COLOUR[toneOf(notification)].toString(16).padStart(6, '0')}`
  return { text: slackText(notification), attachments: blocks.length === 0 ? [] : [{ color, blocks }] }
}

/** The one line that a phone shows. A `<` would begin a link or a call of everybody. */
export const slackText = (notification: Notification): string =>
  cut(headline(notification), { limit: TITLE_LENGTH, in: 'characters' })
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
