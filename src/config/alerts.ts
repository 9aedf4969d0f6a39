// How alerts are told, in the configuration: channels, routes, maintenance windows.

import { z } from 'zod'
import { matchers, matchOf } from '../alerts/matchers.ts'
import { nearMiss } from '../base/near-miss.ts'
import { cronCalendar } from '../calendar/cron.ts'
import { openWindow } from '../calendar/window.ts'
import type { AlertRoute, AlertSettings } from '../model/alert-settings.ts'
import { isChannelSpec } from '../model/channel.ts'
import type { ChannelSpec } from '../model/channel.ts'
import { count, duration } from './quantities.ts'

const name = z.string().min(1)

const channel = z
  .custom<ChannelSpec>(
    isChannelSpec,
    "must be a channel such as ntfy({ topic: 'home' }), imported from 'vigie/channels'",
  )
  .meta({ title: 'channel' })

const quiet = z
  .strictObject({
    from: name,
    to: name,
    /** Weekdays on which the quiet hours begin, such as `mon-fri`. */
    days: name.optional(),
    timezone: name.optional(),
  })
  .superRefine((given, context) => complain(context, () => openWindow(given)))

const route = z.strictObject({
  ...matchers,
  /** Channels that are told at once. */
  to: z.array(name),
  /** Channels that are told when nobody has acknowledged it for so long: `{ '15m': ['phone'] }`. */
  after: z.record(z.string(), z.array(name).min(1)).default({}),
  /** Alerts that come within this length are one notification. */
  group: duration().optional(),
  /** Tells again while it fires. */
  remind: duration().optional(),
  /** What comes in these hours is told when they end. */
  quiet: quiet.optional(),
  /** Whether resolutions are told: to those who were told, to nobody, or always. */
  resolved: z.union([z.boolean(), z.literal('always')]).default(true),
  /** Asks the routes after this one as well. */
  continue: z.boolean().default(false),
})

const maintenance = z
  .strictObject({
    name,
    match: z.strictObject(matchers).default({}),
    /** When it begins, as a cron expression. */
    cron: name,
    for: duration(),
    timezone: name.optional(),
  })
  .superRefine(({ cron, timezone }, context) => complain(context, () => cronCalendar(cron, timezone)))

export const alertsSchema = z
  .strictObject({
    /** By their names. */
    channels: z
      .record(z.string().regex(/^[A-Za-z0-9][\w-]*$/, 'must be letters, digits, - and _'), channel)
      .default({}),
    /** The first that matches decides; none: everything goes to every channel. */
    routes: z.array(route).default([]),
    windows: z.array(maintenance).default([]),
    links: z
      .strictObject({
        /** Where people reach the hub, such as `https://hub.example.org`. */
        url: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
      })
      .optional(),
    /** How often a channel is tried, and the pauses in between: they double from `min` up to `max`. */
    retry: z
      .strictObject({
        /** The default attempts take about a day. */
        attempts: count().default(400),
        min: duration().prefault('1s'),
        max: duration().prefault('5m'),
      })
      .prefault({}),
  })
  .superRefine(({ channels, routes }, context) => {
    const known = Object.keys(channels)
    for (const [place, { to, after }] of routes.entries()) {
      const say = (path: readonly PropertyKey[], message: string): void =>
        context.addIssue({ code: 'custom', path: ['routes', place, ...path], message })
      const told = new Set<string>()
      const look = (path: readonly PropertyKey[], names: readonly string[]): void => {
        for (const each of names) {
          if (!known.includes(each)) say(path, noSuchChannel(each, known))
          else if (told.has(each))
            say(path, `${JSON.stringify(each)} is told already by this route; remind tells it again`)
          told.add(each)
        }
      }
      look(['to'], to)
      for (const [length, names] of Object.entries(after)) {
        look(['after', length], names)
        complain(context, () => afterMsOf(length), ['routes', place, 'after'])
      }
    }
  })
  .transform(({ channels, routes, windows, links, retry }): AlertSettings => ({
    channels: Object.fromEntries(
      Object.entries(channels).map(([key, { kind, settings }]) => [key, { kind, settings }]),
    ),
    routes: routes.map(routeOf),
    windows: windows.map(({ for: forMs, match: meant, ...window }) => ({
      ...window,
      forMs,
      match: matchOf(meant),
    })),
    url: links?.url ?? null,
    retry: { attempts: retry.attempts, minMs: retry.min, maxMs: retry.max },
  }))

function routeOf({
  to,
  after,
  group,
  remind,
  quiet: hours,
  resolved,
  continue: goesOn,
  ...meant
}: z.output<typeof route>): AlertRoute {
  return {
    match: matchOf(meant),
    to,
    after: Object.entries(after)
      .map(([length, names]) => ({ afterMs: afterMsOf(length), to: names }))
      .toSorted((one, other) => one.afterMs - other.afterMs),
    groupMs: group ?? null,
    remindMs: remind ?? null,
    quiet: hours ?? null,
    resolved,
    continue: goesOn,
  }
}

const afterMsOf = (length: string): number => duration().parse(length)

const noSuchChannel = (unknown: string, known: readonly string[]): string => {
  const meant = nearMiss(unknown, known)
  if (meant !== undefined) return `there is no channel ${JSON.stringify(unknown)}; did you mean "${meant}"?`
  const list = known.length === 0 ? 'none is declared in channels' : `there are: ${known.join(', ')}`
  return `there is no channel ${JSON.stringify(unknown)} (${list})`
}

function complain(context: z.RefinementCtx, check: () => unknown, path: readonly PropertyKey[] = []): void {
  try {
    check()
  } catch (error) {
    const message =
      error instanceof z.ZodError ? (error.issues[0]?.message ?? '') : (error as RangeError).message
    context.addIssue({ code: 'custom', message, path: [...path] })
  }
}
