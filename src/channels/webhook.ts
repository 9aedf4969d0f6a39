// The channel `webhook`: a request of the user's own, whose body is the report of the alert as JSON.

import { sendWebhook } from '../actions/webhook.ts'
import type { Tell } from './channel.ts'

export const tellByWebhook: Tell<'webhook'> = ({ request }, report, attempt) =>
  sendWebhook({ ...request, body: { json: report } }, attempt)
