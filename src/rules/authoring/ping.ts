// `ping(name, { host | tcp | url })` declares another machine or service that the hub checks. Its state is
// retained under `<root>/ping/<name>`; `down(name)` and `up(name)` are its triggers.

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
  /** How long to wait between two checks; by default 30 seconds. */
  readonly every?: Duration
  /** A check that takes longer than this has failed; by default 5 seconds. */
  readonly timeout?: Duration
  /** How many checks in a row must fail before it is down; by default 3. */
  readonly fails?: number
  /** How many checks in a row must succeed before it is up again; by default 2. */
  readonly recovers?: number
}

type None<Key extends PropertyKey> = { readonly [K in Key]?: never }

/** Checks by an ICMP echo (the program `ping`). */
interface HostTarget extends None<'tcp' | 'url' | 'expect' | keyof RequestOptions> {
  readonly host: string
}

/** Checks by a TCP connection: `'nas:22'`. */
interface TcpTarget extends None<'host' | 'url' | 'expect' | keyof RequestOptions> {
  readonly tcp: string
}

/** Checks by an HTTP request, by default a GET. */
interface UrlTarget extends RequestOptions, None<'host' | 'tcp'> {
  readonly url: SecretOrText
  readonly expect?: {
    /** Which status is a success: by default 200 to 399, or 200 to 299 when redirects are followed. */
    readonly status?: number | readonly number[]
    /** The body must match this. */
    readonly body?: RegExp
    /** The certificate must be valid for at least this much longer. */
    readonly certificate?: Duration
  }
}

/**
 * Declares a machine or service that the hub checks: `ping('router', { host: '192.168.1.1' })`. Rules wait
 * for it with `down('router')` and `up('router')`. Export it from a rule file; what is wrong with it is told
 * when the file loads.
 */
export const ping = <const Name extends string>(name: Name, definition: PingOptions): Ping<Name> => ({
  [DECLARATION]: 'ping',
  name,
  definition,
  stack: stackOf(ping),
})
