// Links in notifications: the address itself is the permission for one action on one alert, since those who
// follow it come from anywhere and log in nowhere. What it allows is signed, and ends. The links about a group of
// alerts are in group-link.ts.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { isOpen } from '../model/alert.ts'
import type { Alert } from '../model/alert.ts'
import type { NotificationLinks } from '../model/notification.ts'

const LINK_ACTIONS = ['show', 'ack', 'silence'] as const
export type LinkAction = (typeof LINK_ACTIONS)[number]

/** What a link allows. */
export interface LinkGrant {
  readonly key: string
  readonly action: LinkAction
  /** The opening of the alert that is meant: a link to what is over does nothing to what comes later. */
  readonly incident: number
  /** Unix ms, in whole seconds. */
  readonly expiresAt: number
}

/** A week: a reminder, and whatever else is told, has new links. */
export const LINK_LIFE_MS = 7 * 24 * 3_600_000
/** The path below the address at which people reach the hub. */
export const LINK_PATH = '/alert'

/**
 * The links of a notification about one alert: what makes no sense in its state is left out.
 * @param url where people reach the hub, without a slash at its end
 */
export function signedLinks(
  url: string,
  secret: Uint8Array,
  alert: Pick<Alert, 'key' | 'incident' | 'state'>,
  now: number,
): NotificationLinks {
  const { key, incident } = alert
  const expiresAt = linkEndAt(now)
  const link = (action: LinkAction): string =>
    `${url}${LINK_PATH}?${signedQuery({ key, action, incident, expiresAt }, secret)}`
  return {
    show: link('show'),
    ...(isActedOn(alert, 'ack') && { acknowledge: link('ack') }),
    ...(isActedOn(alert, 'silence') && { silence: link('silence') }),
  }
}

/** When a link ends that is made now, Unix ms. */
export const linkEndAt = (now: number): number => Math.ceil((now + LINK_LIFE_MS) / 1_000) * 1_000

/** Whether a link to the action makes sense, in the state that the alert is in. */
export const isActedOn = (alert: Pick<Alert, 'key' | 'state'>, action: 'ack' | 'silence'): boolean =>
  action === 'ack' ? alert.state === 'firing' : isOpen(alert) && !isFilter(alert.key)

/** A silence of such a name means all alerts that match it, and a link is for those that were told. */
const isFilter = (key: string): boolean => key.split('/').some((level) => level === '+' || level === '#')

/** The key stands in the query, because a path is rewritten on its way: `..`, `//`, `%2F`. */
export function signedQuery(grant: LinkGrant, secret: Uint8Array): string {
  const { key, action, incident, expiresAt } = grant
  return new URLSearchParams({
    key,
    action,
    incident: String(incident),
    expires: String(expiresAt / 1_000),
    token: signatureOf(grant, secret).toString('base64url'),
  }).toString()
}

/** @returns what the link allows; a word says why it allows nothing. */
export function grantIn(
  query: Readonly<Record<string, string>>,
  secret: Uint8Array,
  now: number,
): LinkGrant | 'wrong' | 'expired' {
  const limits = limitsIn(query)
  const incident = Number(query['incident'])
  if (limits === null || !Number.isSafeInteger(incident)) return 'wrong'
  const grant = { key: query['key'] ?? '', incident, ...limits }
  return checked(grant, signatureOf(grant, secret), query, now)
}

/** What links of every kind say: what may be done, and until when. `null`: that is no link. */
export function limitsIn(
  query: Readonly<Record<string, string>>,
): Pick<LinkGrant, 'action' | 'expiresAt'> | null {
  const action = LINK_ACTIONS.find((each) => each === query['action'])
  const expiresAt = Number(query['expires']) * 1_000
  return action === undefined || !Number.isSafeInteger(expiresAt) ? null : { action, expiresAt }
}

/** @param signature what the hub signs the grant with; the query has to hold it */
export function checked<Grant extends Pick<LinkGrant, 'expiresAt'>>(
  grant: Grant,
  signature: Buffer,
  query: Readonly<Record<string, string>>,
  now: number,
): Grant | 'wrong' | 'expired' {
  const given = Buffer.from(query['token'] ?? '', 'base64url')
  if (given.length !== signature.length || !timingSafeEqual(given, signature)) return 'wrong'
  return grant.expiresAt > now ? grant : 'expired'
}

/** The key comes last: it is the only part that may hold anything. */
const signatureOf = ({ key, action, incident, expiresAt }: LinkGrant, secret: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`${action}\n${incident}\n${expiresAt}\n${key}`).digest()
