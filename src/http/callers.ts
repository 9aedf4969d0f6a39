// Who may ask for what. Whoever reaches the port may read. What changes something comes from this machine, and
// from no web page of another origin. What publishes is admitted as an MQTT client without a user name is, and
// goes by the same permissions.

import { HTTPException } from 'hono/http-exception'
import type { Door, Pass } from '../model/access.ts'
import { quote } from '../topics/names.ts'
import type { HttpContext, Need } from './route.ts'

export interface CallerPorts {
  /** Admits what publishes from this machine. */
  readonly door: Pick<Door, 'admit'>
  /**
   * Whether a client with this pass may publish on a topic, and be answered on the other one. A refusal is
   * counted like that of an MQTT client.
   */
  mayPublish(this: void, pass: Pass, topic: string, responseTopic?: string): boolean
}

/** Throws an HTTPException unless the caller may do what a route needs. */
export const admitBy =
  ({ door }: Pick<CallerPorts, 'door'>) =>
  async (context: HttpContext, needs: Need): Promise<void> => {
    if (needs === 'open' || needs === 'read') return
    refuseOtherMachines(context)
    if (needs === 'act') return refuseForms(context)
    refuseBrowsers(context)
    context.set('pass', await passOf(context, door))
  }

/** Refuses with 403 what the permissions do not let the caller publish. */
export function refuseDenied(
  { mayPublish }: Pick<CallerPorts, 'mayPublish'>,
  context: HttpContext,
  topic: string,
  responseTopic?: string,
): void {
  if (mayPublish(context.get('pass'), topic, responseTopic)) return
  const answered = responseTopic === undefined ? '' : ` with an answer on ${quote(responseTopic)}`
  throw new HTTPException(403, {
    message: `Without a user name, the permissions do not allow publishing to ${quote(topic)}${answered}.`,
  })
}

async function passOf({ env, req }: HttpContext, door: CallerPorts['door']): Promise<Pass> {
  const admission = await door.admit(
    {
      // A request has no client id.
      clientId: '',
      address: addressOf(env),
      certificateName: undefined,
      isWaiting: () => !req.raw.signal.aborted,
    },
    { username: undefined, password: undefined },
  )
  if (admission.kind === 'admitted') return admission.pass
  throw new HTTPException(403, { message: 'Only users may publish here.' })
}

/** Refuses a request of another machine with 403. */
function refuseOtherMachines({ env }: HttpContext): void {
  const from = addressOf(env)
  if (!isLoopback(from))
    throw new HTTPException(403, { message: `Only this machine may change something, not ${from}.` })
}

const addressOf = ({ incoming }: HttpContext['env']): string => incoming.socket.remoteAddress ?? ''

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
