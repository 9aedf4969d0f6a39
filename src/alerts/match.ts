// Whether an alert is meant by what a route, a silence or a maintenance window says of it.

import type { Alert, AlertMatch } from '../model/alert.ts'
import { topicMatches } from '../topics/matches.ts'

export type Matched = Pick<Alert, 'key' | 'severity' | 'labels' | 'rule' | 'cause'>

/** All that is given must hold; nothing given means every alert. */
export function matches({ key, severity, labels, topic, rule }: AlertMatch, alert: Matched): boolean {
  if (key !== undefined && !topicMatches(key, alert.key)) return false
  if (severity !== undefined && !severity.includes(alert.severity)) return false
  if (rule !== undefined && rule !== alert.rule) return false
  if (topic !== undefined && (alert.cause === null || !topicMatches(topic, alert.cause.topic))) return false
  return Object.entries(labels ?? {}).every(([name, value]) => alert.labels[name] === value)
}
