// A webhook with the body of Prometheus' Alertmanager, for everything that takes that.
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config

import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { JsonObject } from '../model/json.ts'
import type { Notification, NotifiedAlert } from '../model/notification.ts'
import type { Tell } from './channel.ts'
import { callService } from './http.ts'
import { auth, tls } from './request-settings.ts'
import { constructorOf, secretText, text } from './settings.ts'

const MOST_ALERTS = 100
/** Says in Alertmanager that an alert has not ended. */
const NOT_ENDED = '0001-01-01T00:00:00Z'

const settings = z.strictObject({
  url: secretText,
  /** The name of the receiver in the body. */
  receiver: text.default('vigie'),
  auth: auth.optional(),
  tls: tls.optional(),
})

/** Tells a receiver of Alertmanager's webhooks. */
export const alertmanager = constructorOf('alertmanager', settings)

export const tell: Tell<z.output<typeof settings>> = async (
  { url, receiver, ...manner },
  notification,
  telling,
) => {
  const reply = await callService(
    {
      ...manner,
      url,
      headers: { 'Idempotency-Key': telling.key },
      body: { json: { receiver, ...bodyOf(notification) } },
    },
    telling,
  )
  if (reply.kind === 'failed') return reply.untold
  return { kind: 'told', handle: null, isUpdate: false }
}

function bodyOf(notification: Notification): JsonObject {
  const { id, state, title, body, alerts, links } = notification
  const told = alerts.slice(0, MOST_ALERTS)
  return {
    version: '4',
    groupKey: id,
    truncatedAlerts: alerts.length - told.length,
    status: statusOf(state),
    groupLabels: {},
    commonLabels: commonLabels(told.map(labelsOf)),
    commonAnnotations: { summary: title, ...(body !== '' && { description: body }) },
    externalURL: links.show ?? '',
    alerts: told.map((alert) => ({
      status: statusOf(alert.state),
      labels: labelsOf(alert),
      annotations: {
        summary: alert.title,
        ...(alert.body !== '' && { description: alert.body }),
        ...(alert.acknowledgedBy !== null && { acknowledged_by: alert.acknowledgedBy }),
      },
      startsAt: new Date(alert.since).toISOString(),
      endsAt: alert.state === 'resolved' ? new Date(notification.at).toISOString() : NOT_ENDED,
      generatorURL: links.show ?? '',
      fingerprint: fingerprintOf(alert),
    })),
  }
}

/** Alertmanager knows two states; whoever acknowledged stands in the annotations. */
const statusOf = (state: Notification['state']): string => (state === 'resolved' ? 'resolved' : 'firing')

const labelsOf = ({ key, severity, rule, labels }: NotifiedAlert): Record<string, string> => ({
  ...labels,
  alertname: key,
  severity,
  ...(rule !== null && { rule }),
})

function commonLabels([first = {}, ...others]: readonly Record<string, string>[]): Record<string, string> {
  const common = Object.entries(first).filter(([name, value]) => others.every((one) => one[name] === value))
  return Object.fromEntries(common)
}

/** The same for all tellings of an alert, as long as Alertmanager's own. */
const fingerprintOf = ({ key }: NotifiedAlert): string =>
  createHash('sha256').update(key).digest('hex').slice(0, 16)
