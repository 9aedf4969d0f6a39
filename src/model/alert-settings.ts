// How alerts are told, as the configuration says it: routes and maintenance windows. Plain data, for it
// travels to the engine.

import type { RetrySpec } from './action.ts'
import type { AlertMatch } from './alert.ts'
import type { ChannelSpec } from './channel.ts'

/** Hours of the day: see `calendar/window.ts`. */
export interface QuietHours {
  readonly from: string
  readonly to: string
  readonly days?: string | undefined
  readonly timezone?: string | undefined
}

/** Which alerts are told over which channels, and when. */
export interface AlertRoute {
  readonly match: AlertMatch
  /** Names of the channels that are told at once. */
  readonly to: readonly string[]
  /** Who is told when an alert goes on firing. */
  readonly after: readonly { readonly afterMs: number; readonly to: readonly string[] }[]
  /** Alerts that come within this length are one notification, told at most once in it; `null`: each its own. */
  readonly groupMs: number | null
  /** Told again while it fires; `null` for once. */
  readonly remindMs: number | null
  /** What comes in these hours is told when they end; `null` for none. */
  readonly quiet: QuietHours | null
  /** Resolutions: told to those who were told, to nobody, or also where nobody was told. */
  readonly resolved: boolean | 'always'
  /** Routes after this one are asked too. */
  readonly continue: boolean
}

/** Planned work: alerts that match are silenced while it lasts. */
export interface MaintenanceWindow {
  readonly name: string
  readonly match: AlertMatch
  /** When it begins. */
  readonly cron: string
  readonly forMs: number
  readonly timezone?: string | undefined
}

export interface AlertSettings {
  /** The channels of the configuration, by name. */
  readonly channels: Readonly<Record<string, ChannelSpec>>
  /** How often a channel is tried: for hours, since nobody may hear of an alert before the line is up again. */
  readonly retry: RetrySpec
  /** The first that matches decides. */
  readonly routes: readonly AlertRoute[]
  readonly windows: readonly MaintenanceWindow[]
  /** Where people reach the hub, such as `https://hub.example.org`; `null`: notifications have no links. */
  readonly url: string | null
}

/** Everything is told at once, over all channels. */
export const routeToAll = (channels: readonly string[]): AlertRoute => ({
  match: {},
  to: channels,
  after: [],
  groupMs: null,
  remindMs: null,
  quiet: null,
  resolved: true,
  continue: false,
})

/** Nobody is told of anything. */
export const NO_ALERT_SETTINGS: AlertSettings = {
  channels: {},
  retry: { attempts: 400, minMs: 1_000, maxMs: 300_000 },
  routes: [],
  windows: [],
  url: null,
}
