// Who may ask for what. Whoever reaches the port may read. What changes something comes from this machine, and
// from no web page of another origin.

import { HTTPException } from 'hono/http-exception'
import type { HttpContext, Need } from './route.ts'

/** Throws an HTTPException unless the caller may do what a route needs. */
export function admit(context: HttpContext, needs: Need): void {
  if (needs === 'open' || needs === 'read') return
  refuseOtherMachines(context)
  if (needs === 'publish') refuseBrowsers(context)
  else refuseForms(context)
}

/** Refuses a request of another machine with 403. */
function refuseOtherMachines({ env }: HttpContext): void {
  const from = env.incoming.socket.remoteAddress ?? ''
  if (!isLoopback(from))
    throw new HTTPException(403, { message: `Only this machine may change something, not ${from}.` })
}

/**
 * Refuses a request that names another origin with 403. Browsers name it in every request but a plain GET.
 */
function refuseOtherOrigins({ req }: HttpContext): void {
  const origin = req.header('origin')
  if (origin !== undefined && origin !== originOf(req.url))
    throw new HTTPException(403, { message: `A page of ${origin} may not change anything here.` })
}

/**
 * Refuses what a page of another origin can send without asking first. It cannot send this content type, and
 * is not answered when it asks.
 */
function refuseForms(context: HttpContext): void {
  refuseOtherOrigins(context)
  if (context.req.header('content-type')?.split(';')[0]?.trim() !== 'application/json')
    throw new HTTPException(415, { message: 'The content type must be application/json.' })
}

/**
 * Refuses what any page or mail can make a browser send, a plain GET (an image, a link) included, with 403. A
 * browser tells where such a request comes from (https://www.w3.org/TR/fetch-metadata/); one that is too old
 * to do so is known by its name.
 */
function refuseBrowsers(context: HttpContext): void {
  refuseOtherOrigins(context)
  const { req } = context
  const site = req.header('sec-fetch-site')
  const referer = req.header('referer')
  const isOfHub = referer !== undefined && originOf(referer) === originOf(req.url)
  const isNamedSo = req.header('user-agent')?.startsWith('Mozilla/') === true
  const isBrowser = site !== undefined || referer !== undefined || isNamedSo
  if (isBrowser && site !== 'same-origin' && !(site === undefined && isOfHub))
    throw new HTTPException(403, {
      message: 'A browser may not say this, because any page or mail could make it do so; use curl.',
    })
}

const originOf = (url: string): string | null => URL.parse(url)?.origin ?? null

const isLoopback = (address: string): boolean =>
  address === '::1' || /^(?:::ffff:)?127\.(?:\d+\.){2}\d+$/.test(address)
