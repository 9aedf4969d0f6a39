// What holds for every request and every answer, whoever asks: the names by which the hub is asked, and the
// headers that keep browsers from doing more with an answer than they need to.

import type { MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'

/**
 * Refuses a request for a name that is not the hub's with 403. Anybody can point a name at the hub, and a web page
 * of that name could then ask in the browser of somebody who reaches it (DNS rebinding). An address is no such
 * name.
 * @param hosts names by which the hub may be asked
 */
export const onlyOwnNames =
  (hosts: readonly string[]): MiddlewareHandler =>
  async (context, next) => {
    const { hostname } = new URL(context.req.url)
    if (!isAddress(hostname) && !hosts.includes(hostname))
      throw new HTTPException(403, {
        message: `The hub is not called ${hostname}; use its address, or list the name in http.hosts.`,
      })
    await next()
  }

const isAddress = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  /^(?:\d+\.){3}\d+$/.test(hostname) ||
  hostname.startsWith('[')

/** What an answer has unless its route says otherwise. A page allows itself more by its own policy. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

export const withSecurityHeaders: MiddlewareHandler = async (context, next) => {
  await next()
  const { headers } = context.res
  for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value)
}
