// `ping(name, { host | tcp | url })`: another machine that the hub looks at. Its state is retained under
// `<root>/ping/<name>`; `down(name)` and `up(name)` are triggers.

import type { Duration } from '../../base/quantities.ts'
import type { SecretOrText } from './actions/secret.ts'
import { DECLARATION, stackOf } from './declared.ts'
import type { Declared } from './declared.ts'
import type { RequestOptions } from './actions/request.ts'

export interface Ping<Name extends string = string> extends Declared {
  readonly [DECLARATION]: 'ping'
  readonly name: Name
  readonly definition: PingOptions
}

export type PingOptions = PingManner & (HostTarget | TcpTarget | UrlTarget)

interface PingManner {
  /** Between one check and the next; by default 30 seconds. */
  readonly every?: Duration
  /** A check that takes longer has failed; by default after 5 seconds. */
  readonly timeout?: Duration
  /** Failed checks in a row after which it is down; by default 3. */
  readonly fails?: number
  /** Good checks in a row after which it is up again; by default 2. */
  readonly recovers?: number
}

type None<Key extends PropertyKey> = { readonly [K in Key]?: never }

/** An ICMP echo. */
interface HostTarget extends None<'tcp' | 'url' | 'expect' | keyof RequestOptions> {
  readonly host: string
}

/** A connection: `'nas:22'`. */
interface TcpTarget extends None<'host' | 'url' | 'expect' | keyof RequestOptions> {
  readonly tcp: string
}

/** An HTTP request, by default a GET. */
interface UrlTarget extends RequestOptions, None<'host' | 'tcp'> {
  readonly url: SecretOrText
  readonly expect?: {
    /** By default 200 to 399; 200 to 299 where redirects are followed. */
    readonly status?: number | readonly number[]
    /** Searched in the body. */
    readonly body?: RegExp
    /** The certificate must be valid for at least this long yet. */
    readonly certificate?: Duration
  }
}

export const ping = <const Name extends string>(name: Name, definition: PingOptions): Ping<Name> => ({
  [DECLARATION]: 'ping',
  name,
  definition,
  stack: stackOf(ping),
})
