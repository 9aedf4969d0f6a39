// A request without an answer, in words that say what to change: what Node and OpenSSL say of it names places
// in their own sources.

import { messageOf } from '../base/printable.ts'
import type { TlsFiles } from '../model/request.ts'
import { localProblem } from './local-errors.ts'

export interface FailedRequest {
  readonly url: URL
  readonly tls: TlsFiles | undefined
}

export interface RequestFailure {
  /** A mistake in the request is final; all else is the network's, and may pass. */
  readonly kind: 'unsendable' | 'unanswered'
  readonly why: string
  /** The fault is with this machine: nothing is known of the server. */
  readonly isLocal: boolean
}

export function failureOf(error: unknown, request: FailedRequest): RequestFailure {
  const mistake = mistakeIn(error)
  if (mistake !== undefined) return { kind: 'unsendable', why: mistake, isLocal: true }
  const local = localProblem(error)
  if (local !== undefined) return { kind: 'unanswered', why: local, isLocal: true }
  const hint = hintFor(error, request)
  const why = `${wordsOf(error)}${hint === undefined ? '' : ` (${hint})`}`
  return { kind: 'unanswered', why, isLocal: false }
}

function mistakeIn(error: unknown): string | undefined {
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'tls.keyFile is not the key of tls.certFile'
  if (code.startsWith('ERR_OSSL_')) return `tls.certFile and tls.keyFile cannot be used (${wordsOf(error)})`
  return undefined
}

/** OpenSSL's sentences are `…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:…`. */
function wordsOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  const said = messageOf(error).trim() || String(code)
  const [, words] = /\berror:[0-9A-F]{8}:[^:]*:[^:]*:([^:]+)/.exec(said) ?? []
  // Node goes on with flags of its own, where the author has `tls`.
  return words === undefined ? said.replace(/; if the root CA is installed locally.*$/s, '') : `TLS: ${words}`
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
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server wants to see tls.certFile and tls.keyFile',
}
