// A notification in the words and signs that services share, cut to what each of them takes.

import { createHash } from 'node:crypto'
import type { Notification } from '../model/notification.ts'

/**
 * A key for a service against doubles, the same for all tellings of a notification: letters, digits, `-` and
 * `_`.
 */
export const keyOf = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, 32)

export interface Bound {
  readonly limit: number
  /** What the service counts: bytes of UTF-8, or characters (UTF-16 units, never fewer than code points). */
  readonly in: 'bytes' | 'characters'
  /** Stands behind what was cut, such as the address that shows the whole. */
  readonly link?: string | undefined
}

/** The text, or as much of its beginning as fits, with "…" and the link. */
export function cut(content: string, { limit, in: unit, link }: Bound): string {
  const lengthOf = (some: string): number => (unit === 'bytes' ? Buffer.byteLength(some) : some.length)
  if (lengthOf(content) <= limit) return content
  const tail = link === undefined || lengthOf(link) > limit / 2 ? '…' : `…\n${link}`
  const room = Math.max(0, limit - lengthOf(tail))
  return `${unit === 'bytes' ? firstBytes(content, room) : firstUnits(content, room)}${tail}`
}

/** A decoder that is told of more to come leaves out the character that was cut in two. */
const firstBytes = (content: string, count: number): string =>
  new TextDecoder().decode(Buffer.from(content).subarray(0, count), { stream: true })

const firstUnits = (content: string, count: number): string =>
  content.slice(0, count).replace(/[\uD800-\uDBFF]$/, '')

/**
 * Whether a telling behind the first is to be heard. A change of a message in a chat makes no sound, so that
 * such a telling also says its title in a message of its own; that somebody has acknowledged need not wake
 * the others.
 */
export const isHeard = ({ occasion }: Pick<Notification, 'occasion'>): boolean => occasion !== 'acknowledged'

/** The title behind the sign of its tone. */
export const headline = (notification: Notification): string =>
  `${SIGN[toneOf(notification)]} ${notification.title}`

/** All of a notification as text, for services that show nothing else. */
export const plainText = (notification: Notification, bound: Bound): string =>
  cut([headline(notification), plainBody(notification)].filter(Boolean).join('\n\n'), {
    link: notification.links.show,
    ...bound,
  })

/** All but the title as text. */
export const plainBody = (notification: Notification): string =>
  [
    notification.body,
    buttonsOf(notification)
      .map(({ label, url }) => `${label}: ${url}`)
      .join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n')

/** For the HTML of chats: three characters mean something in it, and `"` ends an attribute. */
export const escapeHtml = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** For Markdown: what would be a mark becomes a character. */
export const escapeMarkdown = (content: string): string =>
  content.replaceAll(/[\\`*_~|<>[\]#]/g, String.raw`\$&`)

/** The links of a notification in one line of Markdown. */
export const markdownLinks = (notification: Pick<Notification, 'links'>): string =>
  buttonsOf(notification)
    .map(({ label, url }) => `[${label}](${url.replaceAll('(', '%28').replaceAll(')', '%29')})`)
    .join(' · ')

/** The links of a notification as the labels and addresses of buttons, in this order. */
export function buttonsOf({ links }: Pick<Notification, 'links'>): readonly Button[] {
  const { show, acknowledge, silence } = links
  return [
    ...(show === undefined ? [] : [{ label: 'Show', url: show, acts: false }]),
    ...(acknowledge === undefined ? [] : [{ label: 'Acknowledge', url: acknowledge, acts: true }]),
    ...(silence === undefined ? [] : [{ label: 'Silence', url: silence, acts: true }]),
  ]
}

export interface Button {
  readonly label: string
  readonly url: string
  /** A POST to the address acts at once; otherwise the address only shows something. */
  readonly acts: boolean
}

/** What is to be seen at a glance. */
export type Tone = 'critical' | 'warning' | 'info' | 'acknowledged' | 'resolved'

export const toneOf = ({ state, severity }: Pick<Notification, 'state' | 'severity'>): Tone =>
  state === 'firing' ? severity : state

const SIGN: Readonly<Record<Tone, string>> = {
  critical: '🔴',
  warning: '🟠',
  info: '🔵',
  acknowledged: '👀',
  resolved: '✅',
}

/** Red, green, blue. */
export const COLOUR: Readonly<Record<Tone, number>> = {
  critical: 0xd3_2f_2f,
  warning: 0xf5_7c_00,
  info: 0x19_76_d2,
  acknowledged: 0x75_75_75,
  resolved: 0x38_8e_3c,
}
