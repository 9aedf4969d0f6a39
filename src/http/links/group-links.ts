// The links in notifications of groups, at the same address as those of one alert. They act on the alerts that
// people were told of, as far as these are still the same incident, and say what became of each.

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { countMarked, groupGrantIn, meantBy } from '../../alerts/group-link.ts'
import type { GroupGrant } from '../../alerts/group-link.ts'
import { isActedOn, LINK_PATH } from '../../alerts/signed-link.ts'
import { printable } from '../../base/printable.ts'
import { isOpen } from '../../model/alert.ts'
import type { Alert } from '../../model/alert.ts'
import type { Commanded } from '../api/engine-commands.ts'
import type { AlertAnswer } from '../../model/alert-change.ts'
import { BY, LATER, page, refuse, SILENCE_FOR } from './link-answer.ts'
import type { AlertLinkPorts, LinkRequest } from './link-answer.ts'

export function groupLinkRoutes(ports: AlertLinkPorts): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()

  app.get(LINK_PATH, async (context, next) => {
    const found = await askedBy(context, ports)
    if (found === null) return next()
    if (found instanceof Response) return found
    const { grant, alerts, left } = found
    const { action } = grant
    if (action === 'show') return page(context, { alerts, says: countedOpen(alerts) })
    const button = left.length === 0 ? null : `${VERBS[action]} ${counted(left)}`
    return page(context, { alerts: left, says: overSince(grant, left), button })
  })

  app.post(LINK_PATH, async (context, next) => {
    const found = await askedBy(context, ports)
    if (found === null) return next()
    if (found instanceof Response) return found
    const { grant, left } = found
    const { action, notification } = grant
    if (action === 'show') return page(context, { says: 'This link only shows the alerts.' }, 405)
    if (left.length === 0) return page(context, { says: overSince(grant, left) }, 410)
    const order = { by: BY, ...(action === 'silence' && { for: SILENCE_FOR }) }
    const done = await Promise.all(
      left.map(async ({ key }) => ({ key, answer: (await ports.command(key, action, order)).answer })),
    )
    const now = (await ports.queries.alertsToldBy(notification)) ?? left
    const keys = new Set(done.map(({ key }) => key))
    const says = [...doneOf(action, done), overSince(grant, left)].filter((each) => each !== null).join(' ')
    return page(context, { alerts: now.filter(({ key }) => keys.has(key)), says }, statusOf(done))
  })
  return app
}

interface Asked {
  readonly grant: GroupGrant
  /** What the notification is about by now. */
  readonly alerts: readonly Alert[]
  /** Those on which the action acts. */
  readonly left: readonly Alert[]
}

/** @returns `null`: the link is about one alert */
async function askedBy(
  context: LinkRequest,
  { linkKey, queries, clock }: AlertLinkPorts,
): Promise<Asked | Response | null> {
  const query = context.req.query()
  if (query['notification'] === undefined) return null
  const grant = groupGrantIn(query, linkKey(), clock.now())
  if (typeof grant === 'string') return refuse(context, grant)
  const alerts = await queries.alertsToldBy(grant.notification)
  if (alerts === undefined) return page(context, { says: GONE }, 404)
  const { action } = grant
  const left = action === 'show' ? [] : meantBy(grant, alerts).filter((alert) => isActedOn(alert, action))
  return { grant, alerts, left }
}

const GONE = 'The hub does not know these alerts any more.'
const VERBS = { ack: 'Acknowledge', silence: `Silence for ${SILENCE_FOR}:` } as const

const counted = ({ length }: readonly unknown[]): string => (length === 1 ? '1 alert' : `${length} alerts`)

function countedOpen(alerts: readonly Alert[]): string {
  const open = alerts.filter(isOpen)
  return open.length === 0 ? 'All alerts are resolved.' : `${open.length} of ${counted(alerts)} open.`
}

/** What is said of those that the notification told, and on which nothing acts any more. */
function overSince(grant: GroupGrant, left: readonly Alert[]): string | null {
  const over = countMarked(grant) - left.length
  if (over === 0) return null
  const state = grant.action === 'ack' ? 'firing' : 'open'
  if (left.length === 0)
    return `Nothing is left to do: none of the alerts that were told is ${state} any more.`
  return `Of the alerts that were told, ${over} ${over === 1 ? 'is' : 'are'} not ${state} any more.`
}

type Done = Pick<Commanded<AlertAnswer>, 'answer'> & { readonly key: string }

function doneOf(action: 'ack' | 'silence', done: readonly Done[]): readonly string[] {
  const acted = done.filter(({ answer }) => answer?.ok)
  const later = done.filter(({ answer }) => answer === null)
  const verb = action === 'ack' ? 'Acknowledged' : `Silenced for ${SILENCE_FOR}`
  const refused = done.flatMap(({ key, answer }) =>
    answer === null || answer.ok ? [] : [`Nothing was done to ${printable(key)}: ${answer.reason}.`],
  )
  return [
    ...(acted.length === 0 ? [] : [`${verb}: ${counted(acted)}.`]),
    ...refused,
    ...(later.length === 0 ? [] : [`${counted(later)}: ${LATER}`]),
  ]
}

function statusOf(done: readonly Done[]): 200 | 202 | 409 {
  if (done.some(({ answer }) => answer?.ok)) return 200
  return done.some(({ answer }) => answer === null) ? 202 : 409
}
