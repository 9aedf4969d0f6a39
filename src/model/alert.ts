// An alert: something that is wrong, by its key, with its states and legal moves.
//
//   (new) ──▶ pending ──▶ firing ◀──▶ acknowledged ──▶ resolved ──▶ pending, firing or silenced   (raised anew)
//                │          ▲▼              ▲▼            ▲
//                ├──────▶ silenced ◀────────┘┘            │   (a silence ends: firing again)
//                └──────────┴─────────────────────────────┘
//
// The SQL CHECKs repeat these names; a test holds them together.

import type { Json } from './json.ts'

export const SEVERITIES = ['info', 'warning', 'critical'] as const
/** How bad it is, from the least on. */
export type Severity = (typeof SEVERITIES)[number]

export const ALERT_STATES = ['pending', 'firing', 'acknowledged', 'silenced', 'resolved'] as const
export type AlertState = (typeof ALERT_STATES)[number]

export const NEXT_ALERT_STATES: Readonly<Record<AlertState, readonly AlertState[]>> = {
  pending: ['firing', 'silenced', 'resolved'],
  firing: ['acknowledged', 'silenced', 'resolved'],
  acknowledged: ['firing', 'silenced', 'resolved'],
  silenced: ['firing', 'acknowledged', 'resolved'],
  resolved: ['pending', 'firing', 'silenced'],
}

/** A type, not an interface: it goes where JSON goes. */
export type Labels = { readonly [name: string]: string }

export interface Alert {
  readonly key: string
  readonly state: AlertState
  /** While the alert is open it never falls. */
  readonly severity: Severity
  readonly title: string
  readonly body: string
  readonly labels: Labels
  /** The key of the alert that mutes this one while it is open; `null` for none. */
  readonly parent: string | null
  /** The rule that raised it last; `null` for a client, or the hub itself. */
  readonly rule: string | null
  /** The command that raised it last, or resolved it. */
  readonly event: number
  /** The message that the rule saw when it raised the alert; `null` where no rule did. */
  readonly cause: { readonly event: number; readonly topic: string } | null
  /** How often it has been raised since it opened. */
  readonly count: number
  /** How often it has opened. */
  readonly incident: number
  /** How often its state has changed. */
  readonly flips: number
  /** Counts every change of the alert: what is published of it says which one that is. */
  readonly version: number
  /** Unix ms, as are all that follow. When it was raised first, of this time that it is open. */
  readonly openedAt: number
  /** When its state began. */
  readonly sinceAt: number
  /** When it was raised last. */
  readonly raisedAt: number
  /** When a pending one fires; `null` for all others. */
  readonly firesAt: number | null
  /** When it fired, or would have if nothing had silenced it; `null` while it is pending. */
  readonly firedAt: number | null
  /** Who acknowledged it; `null` unless somebody has. */
  readonly acknowledgedBy: string | null
  /** What silences it, as words such as `the window "backup"`; `null` unless it is silenced. */
  readonly silencedBy: string | null
  /** Keys of the last steps that raised or resolved it: a step that says so again after a crash is not counted. */
  readonly saidBy: readonly string[]
}

/** One change of an alert's state: written once, never changed. */
export interface AlertFlip {
  readonly key: string
  readonly incident: number
  /** Counts the flips of the alert, from 1. */
  readonly number: number
  /** `null` when the alert was raised for the first time. */
  readonly from: AlertState | null
  readonly to: AlertState
  readonly at: number
  /** The command that led to it; `null` when time did. */
  readonly event: number | null
  /** Who or what: a rule, a client, a silence. */
  readonly by: string
}

/** Which alerts are meant: all that is given must hold. A type, not an interface: it goes where JSON goes. */
export type AlertMatch = {
  /** MQTT topic filter over the key. */
  readonly key?: string
  readonly severity?: readonly Severity[]
  readonly labels?: Labels
  /** MQTT topic filter over the topic of the cause. */
  readonly topic?: string
  readonly rule?: string
}

/** Alerts that nobody is told of for a while, because somebody said so. */
export interface Silence {
  readonly name: string
  readonly match: AlertMatch
  readonly fromAt: number
  readonly untilAt: number
  readonly author: string
  readonly comment: string
  /** The command that began it. */
  readonly event: number
}

/**
 * A notification as the store holds it: what one channel shows about one alert, or about the alerts of one
 * group, and what is still to be told over it.
 */
export interface NotificationRecord {
  /** Names it at the service: never used for another one. */
  readonly id: string
  readonly channel: string
  /** `alert/<key>` or `group/<route>/<when it opened>`. */
  readonly subject: string
  /** Place of its route in the configuration, from 0; `null` when no route asks for the channel any more. */
  readonly route: number | null
  /** Keys of its alerts. */
  readonly alerts: readonly string[]
  /** Unix ms, as are all moments. */
  readonly openedAt: number
  /** When it is to be told, unless something changes before; `null` for never. */
  readonly dueAt: number | null
  /** The open run that tells it; `null` when nobody does. */
  readonly telling: number | null
  /** How often it has been told. */
  readonly tellings: number
  /** What people were told last; `null` before the first time. */
  readonly told: ToldState | null
  /** What the service needs to update it, as its channel gave it. */
  readonly handle: Json | null
  /** The newest command on one of its alerts: what it is told because of. */
  readonly event: number
  /** Nothing is left to be told: what comes later is another notification. */
  readonly isClosed: boolean
}

/** A type, not an interface: it goes where JSON goes. */
export type ToldState = {
  readonly at: number
  readonly run: number
  /** What was told of each alert, by its key: see `alerts/due.ts`. */
  readonly alerts: Labels
}

/** Whether anybody could still be told of it. */
export const isOpen = ({ state }: Pick<Alert, 'state'>): boolean => state !== 'resolved'

export const isWorse = (severity: Severity, than: Severity): boolean =>
  SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(than)

/** The alert that says that a channel fails. That channel is not told of it. */
export const channelAlertKey = (channel: string): string => `channels/${channel}`
