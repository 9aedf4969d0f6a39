// Where a request comes from: this machine or another one, a page of the hub or of somebody else.

import { HTTPException } from 'hono/http-exception'
import { isByProxy } from '../../base/proxies.ts'
import type { HttpContext } from '../route.ts'

export const addressOf = ({ env }: HttpContext): string => env.incoming.socket.remoteAddress ?? ''

/** Whether a program of this machine asks, and says that it does so for itself. */
export const isOfThisMachine = (context: HttpContext): boolean =>
  isLoopback(addressOf(context)) && !isByProxy((name) => context.req.header(name))

const isLoopback = (address: string): boolean =>
  address === '::1' || /^(?:::ffff:)?127\.(?:\d+\.){2}\d+$/.test(address)

/** Whether the browser speaks TLS with a proxy in front of the hub. */
export const isOverTls = ({ req }: HttpContext): boolean => req.header('x-forwarded-proto') === 'https'

/** Whether a browser asks, for a page or on its own. */
export const isBrowser = ({ req }: HttpContext): boolean =>
  req.header('user-agent')?.startsWith('Mozilla/') === true || req.header('sec-fetch-site') !== undefined

/**
 * Refuses a request that names another origin with 403. Browsers name it in every request but a plain GET.
 */
export function refuseOtherOrigins(context: HttpContext): void {
  const origin = context.req.header('origin')
  if (origin !== undefined && origin !== ownOrigin(context))
    throw new HTTPException(403, { message: `A page of ${origin} may not change anything here.` })
}

/**
 * Refuses what a page of another origin can send without asking first. It cannot send this content type, and
 * is not answered when it asks.
 */
export function refuseForms(context: HttpContext): void {
  refuseOtherOrigins(context)
  if (context.req.header('content-type')?.split(';')[0]?.trim() !== 'application/json')
    throw new HTTPException(415, { message: 'The content type must be application/json.' })
}

/**
 * Refuses what any page or mail can make a browser send, a plain GET (an image, a link) included, with 403. A
 * browser tells where such a request comes from (https://www.w3.org/TR/fetch-metadata/); one that is too old
 * to do so is known by its name.
 */
export function refuseOtherPages(context: HttpContext): void {
  refuseOtherOrigins(context)
  const { req } = context
  const site = req.header('sec-fetch-site')
  const origin = req.header('origin')
  const referer = req.header('referer')
  const isOfHub =
    origin === ownOrigin(context) || (referer !== undefined && originOf(referer) === ownOrigin(context))
  if (!isBrowser(context) && referer === undefined) return
  if (site !== 'same-origin' && !(site === undefined && isOfHub))
    throw new HTTPException(403, {
      message: 'A browser may not say this, because any page or mail could make it do so; use curl.',
    })
}

/** The origin of the hub's page, as the browser sees it. */
function ownOrigin(context: HttpContext): string | null {
  const origin = originOf(context.req.url)
  return isOverTls(context) ? (origin?.replace(/^http:/, 'https:') ?? null) : origin
}

const originOf = (url: string): string | null => URL.parse(url)?.origin ?? null
