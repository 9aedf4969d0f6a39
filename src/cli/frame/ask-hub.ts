// Commands that ask a hub over its HTTP API: for what only it knows, or to change something, since nobody else
// may write in its data folder.

import { messageOf, printable } from '../../base/printable.ts'
import { formatDuration } from '../../base/quantities.ts'
import { type CommandInput, UserError } from './command.ts'
import { type HubAddress, hubAddress } from './hub-address.ts'

const LIMIT_MS = 10_000

/** Asks the hub's HTTP API. What it refuses is a UserError with its reason. */
export async function askHub(
  input: CommandInput,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  const hub = await hubAddress(input)
  const answer = await requestOf(hub, path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    limitMs: LIMIT_MS,
  })
  try {
    return JSON.parse(answer)
  } catch {
    throw new UserError(`${hub.name} answers with something else than JSON. Is it a hub of vigie?`)
  }
}

interface HubRequest extends RequestInit {
  readonly limitMs: number
  /** Statuses other than success whose body is an answer. */
  readonly alsoTaken?: readonly number[]
}

/**
 * Sends a request. A hub that cannot be reached, is silent for `limitMs`, or refuses, is a UserError that says what to
 * do.
 * @returns the body
 */
export async function requestOf(
  hub: HubAddress,
  path: string,
  asked: HubRequest,
  showToken = false,
): Promise<string> {
  const { limitMs, alsoTaken = [], ...request } = asked
  const isShown = hub.token !== undefined && (!hub.isHere || showToken)
  const headers = {
    ...(request.headers as object),
    ...(isShown && { authorization: `Bearer ${hub.token}` }),
  }
  const signal = AbortSignal.timeout(limitMs)
  const fetched = fetchText(hub.url + path, { redirect: 'manual', ...request, headers, signal })
  const { ok, status, body } = await fetched.catch((error: unknown) => {
    throw new UserError(signal.aborted ? whySilent(hub, limitMs) : whyUnreachable(hub, error))
  })
  if (ok || alsoTaken.includes(status)) return body
  if (status === 401 && hub.token !== undefined && !isShown) return requestOf(hub, path, asked, true)
  throw new UserError(whyRefused(hub, status, reasonIn(body)))
}

async function fetchText(url: string, request: RequestInit) {
  const answer = await fetch(url, request)
  return { ok: answer.ok, status: answer.status, body: await answer.text() }
}

/** The sentence with which a hub refuses. */
function reasonIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { readonly error?: unknown }
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}

function whySilent({ name, isHere }: HubAddress, limitMs: number): string {
  const hint = isHere
    ? ' It runs, and is busy or stopped: try again, or look at its log and at the load of this machine.'
    : ''
  return `${name} has not answered within ${formatDuration(limitMs)}.${hint}`
}

function whyUnreachable({ name, url, isHere }: HubAddress, error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown }
  const { code = '' } = (cause ?? {}) as { readonly code?: string }
  if (isHere)
    return `${name} does not answer at ${url} (${messageOf(cause)}). If it was killed, start it again.`
  if (code === 'ECONNREFUSED')
    return `${name} cannot be reached: nothing listens there. Is it running, with this "http" address?`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `${name} cannot be reached: the name ${new URL(url).hostname} is not known.`
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return `${name} does not speak TLS there. Write http:// in place of https://.`
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(code))
    return (
      `The certificate of ${url} cannot be verified (${messageOf(cause)}). ` +
      'Name the file of its authority with NODE_EXTRA_CA_CERTS.'
    )
  return `${name} cannot be reached: ${printable(messageOf(cause))}.`
}

function whyRefused({ name, token }: HubAddress, status: number, reason: string | undefined): string {
  if (status === 401)
    return token === undefined
      ? `${name} asks for a token. "vigie token add NAME" makes one there; give it with VIGIE_TOKEN or --token.`
      : `${name} does not accept the token. "vigie token list" there shows which it knows, and until when.`
  if (reason !== undefined) return reason
  if (status >= 300 && status < 400)
    return `${name} answers with a redirection (status ${status}). Name the address that it leads to.`
  return `${name} answered with status ${status}${status === 404 ? '. Is it a hub of this version of vigie?' : '.'}`
}
