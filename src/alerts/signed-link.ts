// Links in notifications: the address itself is the permission for one action on one alert, since those who
// follow it come from anywhere and log in nowhere. What it allows is signed, and ends.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { isOpen } from '../model/alert.ts'
import type { Alert } from '../model/alert.ts'
import type { NotificationLinks } from '../model/notification.ts'

const LINK_ACTIONS = ['show', 'ack', 'silence'] as const
type LinkAction = (typeof LINK_ACTIONS)[number]

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
  const { key, incident, state } = alert
  const expiresAt = Math.ceil((now + LINK_LIFE_MS) / 1_000) * 1_000
  const link = (action: LinkAction): string =>
    `${url}${LINK_PATH}?${signedQuery({ key, action, incident, expiresAt }, secret)}`
  return {
    show: link('show'),
    ...(state === 'firing' && { acknowledge: link('ack') }),
    ...(isOpen(alert) && !isFilter(key) && { silence: link('silence') }),
  }
}

/** A silence of such a name means all alerts that match it, and a link is for one alert. */
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
  const action = LINK_ACTIONS.find((each) => each === query['action'])
  const incident = Number(query['incident'])
  const expiresAt = Number(query['expires']) * 1_000
  if (action === undefined || !Number.isSafeInteger(incident) || !Number.isSafeInteger(expiresAt))
    return 'wrong'
  const grant = { key: query['key'] ?? '', action, incident, expiresAt }
  const expected = signatureOf(grant, secret)
  const given = Buffer.from(query['token'] ?? '', 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'wrong'
  return expiresAt > now ? grant : 'expired'
}

/** The key comes last: it is the only part that may hold anything. */
const signatureOf = ({ key, action, incident, expiresAt }: LinkGrant, secret: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`${action}\n${incident}\n${expiresAt}\n${key}`).digest()
