// The words of a notification: what people read, made from what is to be told.

import { formatDuration } from '../base/quantities.ts'
import { isWorse } from '../model/alert.ts'
import type { Severity } from '../model/alert.ts'
import type { NotifiedAlert, Notification } from '../model/notification.ts'
import type { Member } from './due.ts'
import type { Told } from './group-link.ts'
import type { Content } from './notifications.ts'

/** Alerts of a group that its body lists. */
const MOST_LISTED = 20

export interface LinksOf {
  /**
   * Pages of the hub about the alerts of a notification, and for what can be done about them at this moment.
   * @param notification its id
   */
  (
    about: { readonly notification: string; readonly alerts: readonly Told[] },
    now: number,
  ): Notification['links']
}

/** @param linksOf gives nothing where it is not said how people reach the hub */
export function wordsOf(
  { notification, occasion, members }: Content,
  now: number,
  linksOf: LinksOf,
): Notification {
  const alerts = members.map(notifiedOf)
  const state = stateOf(alerts)
  const since = Math.min(...alerts.map((alert) => alert.since))
  const untilAt = state === 'resolved' ? Math.max(...members.map(({ alert }) => alert.sinceAt)) : now
  const [only] = alerts
  const isOne = alerts.length === 1 && only !== undefined
  const what = isOne ? only.title : countedAlerts(alerts)
  return {
    id: notification.id,
    occasion,
    state,
    severity: alerts.map(({ severity }) => severity).reduce(worst),
    title: `${leadOf(occasion, state, untilAt - since)}${what}`,
    body: isOne ? bodyOf(only) : listOf(alerts),
    since,
    at: now,
    alerts,
    links: linksOf({ notification: notification.id, alerts: members.map(({ alert }) => alert) }, now),
  }
}

function notifiedOf({ alert, shown }: Member): NotifiedAlert {
  const { key, severity, title, body, labels, count, rule, cause, acknowledgedBy } = alert
  const since = alert.firedAt ?? alert.openedAt
  // Quiet ones are not told.
  const state = shown === 'quiet' ? 'firing' : shown
  return { key, state, severity, title, body, labels, since, count, rule, cause, acknowledgedBy }
}

function stateOf(alerts: readonly NotifiedAlert[]): Notification['state'] {
  for (const state of ['firing', 'acknowledged'] as const)
    if (alerts.some((alert) => alert.state === state)) return state
  return 'resolved'
}

/** What goes before the title, with its space. */
function leadOf(occasion: Content['occasion'], state: Notification['state'], lengthMs: number): string {
  const length = formatDuration(lengthMs)
  switch (occasion) {
    case 'news':
      return ''
    case 'reminder':
      return `Still firing, for ${length}: `
    case 'escalation':
      return `Nobody has acknowledged it for ${length}: `
    case 'acknowledged':
      return 'Acknowledged: '
    case 'resolved':
      return state === 'resolved' ? `Resolved, after ${length}: ` : ''
  }
  return occasion satisfies never
}

function bodyOf({ body, acknowledgedBy }: NotifiedAlert): string {
  const by = acknowledgedBy === null ? '' : `Acknowledged by ${acknowledgedBy}.`
  return [body, by].filter((part) => part !== '').join('\n')
}

function countedAlerts(alerts: readonly NotifiedAlert[]): string {
  const states = (['firing', 'acknowledged', 'resolved'] as const)
    .map((state) => ({ state, count: alerts.filter((alert) => alert.state === state).length }))
    .filter(({ count }) => count > 0)
  const [first] = states
  if (states.length === 1 && first !== undefined)
    return `${first.count} alerts${first.state === 'acknowledged' ? ' acknowledged' : ''}`
  return `${alerts.length} alerts, ${states.map(({ state, count }) => `${count} ${state}`).join(', ')}`
}

function listOf(alerts: readonly NotifiedAlert[]): string {
  const lines = alerts.slice(0, MOST_LISTED).map(({ state, severity, title }) => {
    const mark = state === 'firing' ? severity : state
    return `[${mark}] ${title}`
  })
  const more = alerts.length - lines.length
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}

const worst = (one: Severity, other: Severity): Severity => (isWorse(one, other) ? one : other)
