// What people are told of an alert, or of a group of alerts, over one channel.

import type { Severity } from './alert.ts'

/** Why a notification is told now. */
export const OCCASIONS = ['news', 'reminder', 'escalation', 'acknowledged', 'resolved', 'test'] as const
export type Occasion = (typeof OCCASIONS)[number]

export type NotifiedState = 'firing' | 'acknowledged' | 'resolved'

export interface Notification {
  /**
   * The same for all tellings of this notification, and for no other notification of any hub: the keys that
   * services take against doubles are derived from it.
   */
  readonly id: string
  readonly occasion: Occasion
  readonly state: NotifiedState
  /** The highest of its alerts. */
  readonly severity: Severity
  /** One line, already in words: "Still firing, for 3 h: nas is down". */
  readonly title: string
  /** Plain text of any number of lines; may be empty. */
  readonly body: string
  /** When the first of its alerts began to fire, Unix ms. */
  readonly since: number
  /** The moment of the state that is told, Unix ms. */
  readonly at: number
  /** One alert, or those of a group. */
  readonly alerts: readonly NotifiedAlert[]
  readonly links: NotificationLinks
}

/** Addresses at the hub, as far as there are any: without `alerts.links` there are none. */
export interface NotificationLinks {
  /** Shows the alert. */
  readonly show?: string
  /** Acknowledges the alert by POST; by GET it shows a page with a button. */
  readonly acknowledge?: string
  /** Silences the alert by POST; by GET it shows a page with a button. */
  readonly silence?: string
}

export interface NotifiedAlert {
  readonly key: string
  readonly state: NotifiedState
  readonly severity: Severity
  readonly title: string
  readonly body: string
  readonly labels: Readonly<Record<string, string>>
  /** When it began to fire, Unix ms. */
  readonly since: number
  /** How often it was raised since then. */
  readonly count: number
  /** The rule that raised it; `null` when no rule did. */
  readonly rule: string | null
  readonly cause: { readonly event: number; readonly topic: string } | null
  readonly acknowledgedBy: string | null
}
