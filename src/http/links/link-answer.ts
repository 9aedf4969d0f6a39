// What the links in notifications need, and how they answer: with a page that whoever has the link may open
// from anywhere, and that no cache keeps.

import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Clock } from '../../base/clock.ts'
import type { Remote } from '../../base/calls.ts'
import type { Queries } from '../../model/queries.ts'
import type { CommandAlert } from '../api/alert-commands.ts'
import { alertPage, PAGE_POLICY } from './alert-page.ts'
import type { AlertPage } from './alert-page.ts'

export interface AlertLinkPorts {
  /** The key with which links are signed. */
  readonly linkKey: () => Uint8Array
  readonly queries: Remote<Pick<Queries, 'alert' | 'alertsToldBy'>>
  readonly command: CommandAlert
  readonly clock: Pick<Clock, 'now'>
}

export type LinkRequest = Context<{ Bindings: HttpBindings }>

/** How long a link silences. */
export const SILENCE_FOR = '2h'
/** Who acts, in the history of an alert. */
export const BY = 'a link in a notification'
export const LATER = 'The hub has noted it, and does it as soon as its engine answers.'

export const refuse = (context: LinkRequest, why: 'wrong' | 'expired'): Promise<Response> =>
  why === 'expired'
    ? page(context, { says: 'This link has expired. Take one from a newer notification.' }, 410)
    : page(context, { says: 'This link is not one that the hub has signed, or only a part of one.' }, 403)

export async function page(
  context: LinkRequest,
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
