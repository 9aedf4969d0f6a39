// The links in notifications. Their signed address is the permission, so that they may come from everywhere,
// under any name of the hub. GET shows a page and changes nothing: mail programs and chats open links by
// themselves. POST acts: the button of that page, and services whose buttons send a POST at once.

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { grantIn, LINK_PATH } from '../../alerts/signed-link.ts'
import type { LinkGrant } from '../../alerts/signed-link.ts'
import { isOpen } from '../../model/alert.ts'
import type { Alert } from '../../model/alert.ts'
import { groupLinkRoutes } from './group-links.ts'
import { BY, LATER, page, refuse, SILENCE_FOR } from './link-answer.ts'
import type { AlertLinkPorts } from './link-answer.ts'

const BUTTONS = { show: null, ack: 'Acknowledge', silence: `Silence for ${SILENCE_FOR}` } as const

export function alertLinkRoutes(ports: AlertLinkPorts): Hono<{ Bindings: HttpBindings }> {
  const { linkKey, queries, command, clock } = ports
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.route('/', groupLinkRoutes(ports))

  app.get(LINK_PATH, async (context) => {
    const grant = grantIn(context.req.query(), linkKey(), clock.now())
    if (typeof grant === 'string') return refuse(context, grant)
    const alert = (await queries.alert(grant.key))?.alert
    if (alert === undefined) return page(context, { says: GONE }, 404)
    const says = outOfDate(alert, grant)
    const button = says === null ? BUTTONS[grant.action] : null
    return page(context, { alert, says, button })
  })

  app.post(LINK_PATH, async (context) => {
    const grant = grantIn(context.req.query(), linkKey(), clock.now())
    if (typeof grant === 'string') return refuse(context, grant)
    const { key, action } = grant
    if (action === 'show') return page(context, { says: 'This link only shows the alert.' }, 405)
    const before = (await queries.alert(key))?.alert
    if (before === undefined) return page(context, { says: GONE }, 404)
    const old = outOfDate(before, grant)
    if (old !== null) return page(context, { alert: before, says: old }, 410)
    const order = { by: BY, ...(action === 'silence' && { for: SILENCE_FOR }) }
    const { answer } = await command(key, action, order)
    const alert = (await queries.alert(key))?.alert ?? before
    if (answer === null) return page(context, { alert, says: LATER }, 202)
    if (!answer.ok) return page(context, { alert, says: `Nothing was done: ${answer.reason}.` }, 409)
    return page(context, { alert, says: action === 'ack' ? 'Acknowledged.' : `Silenced for ${SILENCE_FOR}.` })
  })

  app.all(LINK_PATH, (context) => page(context, { says: 'This address takes GET and POST.' }, 405))
  return app
}

const GONE = 'The hub does not know this alert any more.'

/** Why the link has nothing to do any more, as a sentence; `null` where it has. */
function outOfDate(alert: Alert, { incident, action }: LinkGrant): string | null {
  if (alert.incident !== incident) return 'This link belongs to an earlier time that the alert was raised.'
  return action !== 'show' && !isOpen(alert) ? 'The alert is resolved: nothing is left to do.' : null
}
