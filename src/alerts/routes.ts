// Which channels are told of an alert, by which route, and how long after it has fired.

import { channelAlertKey } from '../model/alert.ts'
import type { AlertRoute } from '../model/alert-settings.ts'
import { matches } from './match.ts'
import type { Matched } from './match.ts'

export interface Target {
  readonly channel: string
  /** Place of the route in the list. */
  readonly route: number
  /** Above 0 for an escalation. */
  readonly afterMs: number
}

/**
 * In the order of the routes. The first route that matches decides, and further ones if it says `continue`. A
 * channel that several ask for is told as the first of them says. The alert about a channel that fails is not
 * told over that channel.
 */
export function targetsOf(alert: Matched, routes: readonly AlertRoute[]): readonly Target[] {
  const targets = new Map<string, Target>()
  for (const [route, { match, to, after, continue: goesOn }] of routes.entries()) {
    if (!matches(match, alert)) continue
    for (const { channels, afterMs } of [
      { channels: to, afterMs: 0 },
      ...after.map((step) => ({ channels: step.to, afterMs: step.afterMs })),
    ])
      for (const channel of channels)
        if (!targets.has(channel) && alert.key !== channelAlertKey(channel))
          targets.set(channel, { channel, route, afterMs })
    if (!goesOn) break
  }
  return [...targets.values()]
}
