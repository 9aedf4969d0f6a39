// A notification as the JSON that webhooks, commands and subscribers get. Moments are ISO 8601, in UTC.

import type { JsonObject } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import { cut } from './words.ts'

const BODY_LENGTH = 100_000
const ALERT_BODY_LENGTH = 2_000
const MOST_ALERTS = 100

export function notificationJson({ body, since, at, alerts, links, ...rest }: Notification): JsonObject {
  const moment = (time: number): string => new Date(time).toISOString()
  return {
    ...rest,
    body: cut(body, { limit: BODY_LENGTH, in: 'characters', link: links.show }),
    since: moment(since),
    at: moment(at),
    alerts: alerts.slice(0, MOST_ALERTS).map((alert) => ({
      ...alert,
      body: cut(alert.body, { limit: ALERT_BODY_LENGTH, in: 'characters' }),
      since: moment(alert.since),
    })),
    links: { ...links },
  }
}
