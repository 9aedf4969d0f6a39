// The one channel of `alerts.webhook` in the configuration: a request of the user's own, whose body is the
// report of the alert as JSON.

import type { Channels } from '../actions/context.ts'
import { sendWebhook } from '../actions/webhook.ts'
import type { AlertChannel } from '../model/alert-channel.ts'

export const openAlertWebhooks = (channels: readonly AlertChannel[]): Channels =>
  new Map(
    channels.map(({ name, request }) => [
      name,
      (report, attempt) => sendWebhook({ ...request, body: { json: report } }, attempt),
    ]),
  )
