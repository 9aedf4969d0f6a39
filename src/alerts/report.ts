// An alert as it is published, retained under `<root>/alerts/<key>`: JSON that any MQTT client and any rule
// can read.

import type { Alert } from '../model/alert.ts'
import type { JsonObject } from '../model/json.ts'

/** Moments are ISO dates. */
export const alertReport = (alert: Alert): JsonObject => ({
  key: alert.key,
  state: alert.state,
  severity: alert.severity,
  title: alert.title,
  body: alert.body,
  labels: alert.labels,
  count: alert.count,
  since: isoDate(alert.sinceAt),
  openedAt: isoDate(alert.openedAt),
  at: isoDate(alert.raisedAt),
  version: alert.version,
  rule: alert.rule,
  cause: alert.cause && { ...alert.cause },
  parent: alert.parent,
  ...(alert.firesAt !== null && { firesAt: isoDate(alert.firesAt) }),
  ...(alert.acknowledgedBy !== null && { acknowledgedBy: alert.acknowledgedBy }),
  ...(alert.silencedBy !== null && { silencedBy: alert.silencedBy }),
})

const isoDate = (at: number): string => new Date(at).toISOString()
