// A request without an answer, in words that say what to change: what Node and OpenSSL say of it names places in their own sources.

import { messageOf } from '../base/printable.ts'
import type { WebhookTls } from '../model/action.ts'
import type { Outcome } from '../model/outcome.ts'

export interface FailedRequest {
  /** `POST to example.org` */
  readonly what: string
  readonly url: URL
  readonly tls: WebhookTls | undefined
}

/** Mistakes in the request are final; all else is the network's, and may pass. */
export function failureOf(error: unknown, request: FailedRequest): Outcome {
  const mistake = mistakeIn(error)
  if (mistake !== undefined) return { kind: 'give-up', reason: `${request.what} was not sent: ${mistake}` }
  const hint = hintFor(error, request)
  return {
    kind: 'retry',
    reason: `${request.what} failed: ${wordsOf(error)}${hint === undefined ? '' : ` (${hint})`}`,
  }
}

/** A certificate, a key or an authority of `tls` that is none. */
export class UnusableTls extends Error {}

function mistakeIn(error: unknown): string | undefined {
  const { code = '', syscall } = error as NodeJS.ErrnoException
  if (syscall === 'open' || error instanceof UnusableTls) return messageOf(error)
  if (code === 'ERR_INVALID_CHAR' || code === 'ERR_INVALID_HTTP_TOKEN')
    return 'its method or one of its headers holds a character that HTTP forbids'
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'tls.keyFile is not the key of tls.certFile'
  if (code.startsWith('ERR_OSSL_')) return `tls.certFile and tls.keyFile cannot be used (${wordsOf(error)})`
  return undefined
}

/** OpenSSL's sentences are `…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:…`. */
function wordsOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  const said = messageOf(error).trim() || String(code)
  const [, words] = /\berror:[0-9A-F]{8}:[^:]*:[^:]*:([^:]+)/.exec(said) ?? []
  return words === undefined ? said : `TLS: ${words}`
}

function hintFor(error: unknown, { url, tls }: FailedRequest): string | undefined {
  const { code = '', port } = error as NodeJS.ErrnoException & { readonly port?: number }
  if (port !== undefined && port !== portOf(url))
    return 'the proxy that the environment names does not answer'
  if (UNTRUSTED.has(code))
    return tls?.caFile === undefined
      ? 'name the authority in tls.caFile to trust it'
      : 'none of the authorities in tls.caFile has signed it'
  if (messageOf(error).includes('wrong version number')) return 'nothing speaks TLS there; is it http://?'
  return HINTS[code]
}

const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)

const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the server closed the connection without an answer; if it speaks TLS, write https://',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'names cannot be looked up now',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server wants to see tls.certFile and tls.keyFile',
}
