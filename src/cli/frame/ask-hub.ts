// Commands that ask a hub over its HTTP API: for what only it knows, or to change something, since nobody else
// may write in its data folder.

import { messageOf, printable } from '../../base/printable.ts'
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
  const answer = await requestOf(await hubAddress(input), path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(LIMIT_MS),
  })
  return answer.json().catch(() => ({}))
}

/** Sends a request. A hub that cannot be reached, or refuses, is a UserError that says what to do. */
export async function requestOf(hub: HubAddress, path: string, request: RequestInit): Promise<Response> {
  const headers = {
    ...(request.headers as object),
    ...(hub.token && { authorization: `Bearer ${hub.token}` }),
  }
  const answer = await fetch(hub.url + path, { redirect: 'manual', ...request, headers }).catch(
    (error: unknown) => {
      throw new UserError(whyUnreachable(hub, error))
    },
  )
  if (answer.ok) return answer
  const { error } = (await answer.json().catch(() => ({}))) as { readonly error?: unknown }
  throw new UserError(whyRefused(hub, answer.status, typeof error === 'string' ? error : undefined))
}

function whyUnreachable({ name, url }: HubAddress, error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown }
  const { code = '' } = (cause ?? {}) as { readonly code?: string }
  const isHere = name !== `The hub at ${url}`
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
  if ((error as Error).name === 'TimeoutError')
    return `${name} has not answered within ${LIMIT_MS / 1_000} seconds.`
  return `${name} cannot be reached: ${printable(messageOf(cause))}.`
}

function whyRefused({ name, token }: HubAddress, status: number, reason: string | undefined): string {
  if (status === 401)
    return token === undefined
      ? `${name} asks for a token. Give one with VIGIE_TOKEN or --token; "vigie token add" makes one there.`
      : `${name} does not accept the token. "vigie token list" lists its tokens there.`
  if (reason !== undefined) return reason
  if (status >= 300 && status < 400)
    return `${name} answers with a redirection (status ${status}). Name the address that it leads to.`
  return `${name} answered with status ${status}${status === 404 ? '. Is it a hub of this version of vigie?' : '.'}`
}
