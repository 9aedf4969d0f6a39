// The channels of a hub, by name, ready to be told. A kind is loaded when one of its channels is first used.

import { nearMiss } from '../base/near-miss.ts'
import type { ChannelSpec } from '../model/channel.ts'
import type { Json } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'
import { MissingSecret } from '../secrets/secrets.ts'
import type { Ask, Asked, ChannelKind, Telling, Told, Untold } from './channel.ts'
import { cut } from './words.ts'

/** All kinds. Their settings differ; each constructor has checked those of its own. */
const KINDS: Readonly<Record<string, () => Promise<ChannelKind<never>>>> = {
  ntfy: () => import('./ntfy.ts'),
  gotify: () => import('./gotify.ts'),
  pushover: () => import('./pushover.ts'),
  telegram: () => import('./telegram.ts'),
  discord: () => import('./discord.ts'),
  slack: () => import('./slack.ts'),
  slackBot: () => import('./slack-bot.ts'),
  matrix: () => import('./matrix.ts'),
  pagerDuty: () => import('./pager-duty.ts'),
  teams: () => import('./teams.ts'),
  mattermost: () => import('./mattermost.ts'),
  signal: () => import('./signal.ts'),
  apprise: () => import('./apprise.ts'),
  alertmanager: () => import('./alertmanager.ts'),
  webhook: () => import('./webhook.ts'),
  mail: () => import('./mail.ts'),
  desktop: () => import('./desktop.ts'),
  mqtt: () => import('./mqtt.ts'),
  command: () => import('./command.ts'),
  xmpp: () => import('./xmpp.ts'),
  irc: () => import('./irc.ts'),
  webPush: () => import('./web-push.ts'),
}

export interface Channel {
  readonly kind: string
  /** Tells once. What the service refuses as it is, is told once more at once, shortened. */
  tell(notification: Notification, telling: Telling): Promise<Told>
  /**
   * Asks whether people have acknowledged in the service what the handle names. `closed` where the kind has
   * no such thing.
   */
  ask(handle: Json | null, asking: Parameters<Ask<never>>[2]): Promise<Asked>
}

/** @throws TypeError for a kind that does not exist */
export const openChannels = (channels: Readonly<Record<string, ChannelSpec>>): ReadonlyMap<string, Channel> =>
  new Map(Object.entries(channels).map(([name, spec]) => [name, openChannel(name, spec)]))

function openChannel(name: string, { kind, settings }: ChannelSpec): Channel {
  const load = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (load === undefined) throw new TypeError(unknownKind(name, kind))
  return {
    kind,
    tell: (notification, telling) =>
      secretsFound(async () => {
        const { tell } = await load()
        const told = await tell(settings as never, notification, telling)
        if (told.kind !== 'bad') return told
        return tell(settings as never, shortened(notification), telling)
      }),
    ask: (handle, asking) =>
      secretsFound(async () => {
        const { ask } = await load()
        return ask ? ask(settings as never, handle, asking) : { kind: 'closed' }
      }),
  }
}

/** A secret that is missing is missed until somebody sees to it. */
async function secretsFound<T>(act: () => Promise<T>): Promise<T | Untold> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof MissingSecret) return { kind: 'gone', reason: error.message }
    throw error
  }
}

const SHORT_TITLE = 100

/** The least that is worth telling. What a service refused was too long, or held what it does not take. */
function shortened(notification: Notification): Notification {
  const { title, alerts } = notification
  return {
    ...notification,
    title: cut(title, { limit: SHORT_TITLE, in: 'characters' }),
    body: '',
    links: {},
    alerts: alerts.slice(0, 1).map((alert) => ({ ...alert, body: '', labels: {} })),
  }
}

function unknownKind(name: string, kind: string): string {
  const kinds = Object.keys(KINDS)
  const meant = nearMiss(kind, kinds)
  const hint = meant === undefined ? `there are: ${kinds.join(', ')}` : `did you mean "${meant}"?`
  return `the channel "${name}" is of the kind "${kind}", which does not exist; ${hint}`
}
