// Slack by an incoming webhook. What it has posted cannot be changed, so that every telling is a message of
// its own; `slackBot` keeps to one.
// https://api.slack.com/messaging/webhooks

import { z } from 'zod'
import type { Tell } from './channel.ts'
import { callService } from './http.ts'
import { constructorOf, secretOnly } from './settings.ts'
import { slackMessage } from './slack-message.ts'

const settings = z.strictObject({
  /** The address of the webhook. Whoever knows it may write to the channel. */
  url: secretOnly,
})

/** Tells over an incoming webhook of Slack. */
export const slack = constructorOf('slack', settings)

export const tell: Tell<z.output<typeof settings>> = async ({ url }, notification, telling) => {
  const reply = await callService({ url, body: { json: slackMessage(notification) } }, telling, {
    isOurs: ({ text }) => text.trim() === 'ok',
  })
  if (reply.kind === 'failed') return reply.untold
  return { kind: 'told', handle: null, isUpdate: false }
}
