// An HTTP request that the hub sends, as data: what webhooks, url pings and the channels of alerts have in
// common.

import type { Json } from './json.ts'
import type { SecretRef, SecretText } from './secret.ts'

export interface RequestSpec {
  /** Begins with `http://` or `https://`. */
  readonly url: SecretText
  /** The method in capitals, such as `POST`. */
  readonly method: string
  readonly headers: Readonly<Record<string, SecretText>>
  /** The body's content type. If absent, the sender decides. */
  readonly body?: RequestBody
  readonly auth?: RequestAuth
  /** HMAC-SHA-256 of the body in the named header. */
  readonly sign?: { readonly key: SecretRef; readonly header: string }
  readonly tls?: TlsFiles
  /** The number of redirects to follow; none if absent. */
  readonly redirects?: number
}

export type RequestBody =
  | { readonly json: Json }
  | { readonly form: Readonly<Record<string, string>> }
  | { readonly text: string }
  /** Sent as it is. A request with such a body is never stored. */
  | { readonly bytes: Uint8Array }

export type RequestAuth =
  | { readonly user: SecretText; readonly password: SecretText }
  | { readonly bearer: SecretText }

export interface TlsFiles {
  /**
   * Files in PEM form: the authorities to trust instead of the system's; the hub's own certificate and key.
   */
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  /** `false` accepts any certificate, so whoever is between the two ends can read and change what is sent. */
  readonly verify?: boolean
}

/** A regular expression as data. */
export interface TextPattern {
  readonly source: string
  readonly flags: string
}
