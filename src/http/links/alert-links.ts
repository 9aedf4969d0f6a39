// The links in notifications. Their signed address is the permission, so that they may come from everywhere,
// under any name of the hub. GET shows a page and changes nothing: mail programs and chats open links by
// themselves. POST acts: the button of that page, and services whose buttons send a POST at once.

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { grantIn, LINK_PATH } from '../../alerts/signed-link.ts'
import type { LinkGrant } from '../../alerts/signed-link.ts'
import type { Clock } from '../../base/clock.ts'
import type { Remote } from '../../base/calls.ts'
import { isOpen } from '../../model/alert.ts'
import type { Alert } from '../../model/alert.ts'
import type { Queries } from '../../model/queries.ts'
import type { CommandAlert } from '../api/alert-commands.ts'
import { alertPage, PAGE_POLICY } from './alert-page.ts'
import type { AlertPage } from './alert-page.ts'

export interface AlertLinkPorts {
  /** The key with which links are signed. */
  readonly linkKey: () => Uint8Array
  readonly queries: Remote<Pick<Queries, 'alert'>>
  readonly command: CommandAlert
  readonly clock: Pick<Clock, 'now'>
}

/** How long a link silences. */
const SILENCE_FOR = '2h'
const BY = 'a link in a notification'
const BUTTONS = { show: null, ack: 'Acknowledge', silence: `Silence for ${SILENCE_FOR}` } as const

type Request = Context<{ Bindings: HttpBindings }>

export function alertLinkRoutes(ports: AlertLinkPorts): Hono<{ Bindings: HttpBindings }> {
  const { linkKey, queries, command, clock } = ports
  const app = new Hono<{ Bindings: HttpBindings }>()

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
const LATER = 'The hub has noted it, and does it as soon as its engine answers.'

/** Why the link has nothing to do any more, as a sentence; `null` where it has. */
function outOfDate(alert: Alert, { incident, action }: LinkGrant): string | null {
  if (alert.incident !== incident) return 'This link belongs to an earlier time that the alert was raised.'
  return action !== 'show' && !isOpen(alert) ? 'The alert is resolved: nothing is left to do.' : null
}

const refuse = (context: Request, why: 'wrong' | 'expired'): Promise<Response> =>
  why === 'expired'
    ? page(context, { says: 'This link has expired. Take one from a newer notification.' }, 410)
    : page(context, { says: 'This link is not one that the hub has signed, or only a part of one.' }, 403)

async function page(
  context: Request,
  content: AlertPage,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  const headers = {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': PAGE_POLICY,
    'Content-Type': 'text/html; charset=utf-8',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  }
  return context.body(await alertPage(content), status, headers)
}
