// Links in notifications of groups: one action on all alerts that people were told of together. The address
// names the notification, whose record knows the keys, and holds a short mark of each alert that was told: an
// address has no room for the keys themselves, and an alert that joined the group later was not told.

import { createHash, createHmac } from 'node:crypto'
import type { Alert } from '../model/alert.ts'
import type { NotificationLinks } from '../model/notification.ts'
import { checked, isActedOn, limitsIn, LINK_PATH, linkEndAt } from './signed-link.ts'
import type { LinkAction } from './signed-link.ts'

/** What a link about a group allows. */
export interface GroupGrant {
  /** The id of the notification. */
  readonly notification: string
  readonly action: LinkAction
  /** The marks of the alerts that were told, one after the other. */
  readonly marks: string
  /** Unix ms, in whole seconds. */
  readonly expiresAt: number
}

/** What is told of an alert: which time that it is open. */
export type Told = Pick<Alert, 'key' | 'incident' | 'state'>

/**
 * The most alerts on which a link acts. Push messages have room for two such addresses; for up to 70 alerts an
 * address has less than 512 characters, which is what Pushover takes. A larger group has only the link that shows it.
 */
export const MOST_MARKED = 100
/** Characters of a mark: 24 bits, so that the next time an alert is raised has another one. */
const MARK_LENGTH = 4

/**
 * The links of a notification about several alerts: what makes sense for none of them is left out.
 * @param url where people reach the hub, without a slash at its end
 * @param notification its id
 */
export function groupLinks(
  url: string,
  secret: Uint8Array,
  { notification, alerts }: { readonly notification: string; readonly alerts: readonly Told[] },
  now: number,
): NotificationLinks {
  const expiresAt = linkEndAt(now)
  const link = (action: LinkAction, of: readonly Told[]): string => {
    const grant = { notification, action, marks: of.map(markOf).join(''), expiresAt }
    return `${url}${LINK_PATH}?${groupQuery(grant, secret)}`
  }
  const acting = (action: 'ack' | 'silence'): string | undefined => {
    const meant = alerts.filter((alert) => isActedOn(alert, action))
    return meant.length > 0 && meant.length <= MOST_MARKED ? link(action, meant) : undefined
  }
  const [acknowledge, silence] = [acting('ack'), acting('silence')]
  return {
    show: link('show', []),
    ...(acknowledge !== undefined && { acknowledge }),
    ...(silence !== undefined && { silence }),
  }
}

function groupQuery(grant: GroupGrant, secret: Uint8Array): string {
  const { notification, action, marks, expiresAt } = grant
  return new URLSearchParams({
    notification,
    action,
    told: marks,
    expires: String(expiresAt / 1_000),
    token: signatureOf(grant, secret).toString('base64url'),
  }).toString()
}

/** @returns what the link allows; a word says why it allows nothing. */
export function groupGrantIn(
  query: Readonly<Record<string, string>>,
  secret: Uint8Array,
  now: number,
): GroupGrant | 'wrong' | 'expired' {
  const limits = limitsIn(query)
  if (limits === null) return 'wrong'
  const grant = { notification: query['notification'] ?? '', marks: query['told'] ?? '', ...limits }
  return checked(grant, signatureOf(grant, secret), query, now)
}

/** Which of the alerts the link is about, as they are now: the same incident as was told. */
export function meantBy<Each extends Told>({ marks }: GroupGrant, alerts: readonly Each[]): readonly Each[] {
  const marked = new Set(marks.match(new RegExp(`.{${MARK_LENGTH}}`, 'g')))
  return alerts.filter((alert) => marked.has(markOf(alert)))
}

/** How many alerts the link was made for. */
export const countMarked = ({ marks }: GroupGrant): number => marks.length / MARK_LENGTH

const markOf = ({ key, incident }: Told): string =>
  createHash('sha256').update(`${incident}\n${key}`).digest('base64url').slice(0, MARK_LENGTH)

/** The first line differs from those of links about one alert. */
const signatureOf = ({ notification, action, marks, expiresAt }: GroupGrant, secret: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`group\n${action}\n${expiresAt}\n${marks}\n${notification}`).digest()
