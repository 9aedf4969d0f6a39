// `ping(name, { … })` declares another machine or service that the hub checks. Its state is retained under
// `<root>/ping/<name>`; `down(name)` and `up(name)` are its triggers.

import type { Duration } from '../../base/quantities.ts'
import type { DNS_RECORDS } from '../../model/probe.ts'
import type { TlsFiles } from '../../model/request.ts'
import type { SecretOrText } from './actions/secret.ts'
import { DECLARATION, stackOf } from './declared.ts'
import type { Declared } from './declared.ts'
import type { OnHostOptions } from './host.ts'
import type { RequestOptions } from './actions/request.ts'

export interface Ping<Name extends string = string> extends Declared {
  readonly [DECLARATION]: 'ping'
  readonly name: Name
  readonly definition: PingOptions
}

export type PingOptions = PingManner & ExactlyOne<PingTargetOptions>

export interface PingManner extends OnHostOptions {
  /** The time from one planned check to the next; by default 30 seconds. */
  readonly every?: Duration
  /** Each check begins up to this much after its planned moment; by default at that moment. */
  readonly jitter?: Duration
  /** A check that takes longer than this has failed; by default 5 seconds. */
  readonly timeout?: Duration
  /** How many checks in a row must fail before it is down; by default 3. */
  readonly fails?: number
  /** How many checks in a row must succeed before it is up again; by default 2. */
  readonly recovers?: number
  /**
   * When changes are so many that they are kept to itself. Each change between up and down adds 1 to a score,
   * which is halved over 20 checks. By default it flaps from a score of 3 (`above`) until it is below 1
   * (`until`); `false` tells every change.
   */
  readonly flapping?: false | { readonly above?: number; readonly until?: number }
  /** The ping, or pings, without which it cannot be reached: while one is down, this one is `unreachable`. */
  readonly dependsOn?: string | Ping | readonly (string | Ping)[]
  /**
   * Whether it stands for the hub's own network: when all such pings fail, the network is gone, and no ping
   * goes down because of that. By default `false`.
   */
  readonly reference?: boolean
}

/** Each kind of target, named by the option that gives the target. */
export type PingTargetOptions =
  | HostTarget
  | TcpTarget
  | UrlTarget
  | DnsTarget
  | MqttTarget
  | NtpTarget
  | SmtpTarget
  | WebSocketTarget
  | UnitTarget
  | CommandTarget

/** Checks by an ICMP echo (the program `ping`). */
interface HostTarget {
  readonly host: string
}

/** Checks by a TCP connection: `'nas:22'`. */
interface TcpTarget {
  readonly tcp: string
}

/** Checks by an HTTP request, by default a GET. */
interface UrlTarget extends RequestOptions {
  readonly url: SecretOrText
  readonly expect?: {
    /** Which status is a success: by default 200 to 399, or 200 to 299 when redirects are followed. */
    readonly status?: number | readonly number[]
    /** The body must match this. */
    readonly body?: RegExp
    /**
     * What must stand in the JSON of the body, by path: `{ 'status': 'ok', 'queue.length': { below: 100 } }`.
     */
    readonly json?: Readonly<Record<string, ExpectedValue>>
    /** The certificate must be valid for at least this much longer. */
    readonly certificate?: Duration
  }
}

export type ExpectedValue =
  | string
  | number
  | boolean
  | null
  | RegExp
  | { readonly above?: number; readonly below?: number }

/** Checks by a DNS query: `'example.org'`. */
interface DnsTarget {
  readonly dns: string
  /** The type of record that is asked for; by default `A`. */
  readonly record?: (typeof DNS_RECORDS)[number]
  /**
   * The address of the server that is asked, `'192.168.1.1'` or with a port; by default those of the machine.
   */
  readonly server?: string
  readonly expect?: {
    /** One of the answers must be this, or match. */
    readonly answer?: string | RegExp
  }
}

/** Checks by an MQTT connection to another broker: `'mqtt://nas'`, `'mqtts://broker:8883'`. */
interface MqttTarget {
  readonly mqtt: string
  readonly auth?: { readonly user: SecretOrText; readonly password: SecretOrText }
  readonly tls?: TlsFiles
  readonly expect?: {
    /** Something must be published on a topic that matches this filter; a retained message does not count. */
    readonly topic: string
    /** How long that may take after the connection. */
    readonly within: Duration
  }
}

/** Checks by asking a time server: `'pool.ntp.org'`, with or without a port. */
interface NtpTarget {
  readonly ntp: string
  readonly expect?: {
    /** How far its clock and the hub's may be apart; by default as far as they like. */
    readonly offset?: Duration
    /** The highest stratum that is good; by default 15, the highest of a synchronised clock. */
    readonly stratum?: number
  }
}

/** Checks by the greeting of a mail server: `'mail:25'`. */
interface SmtpTarget {
  readonly smtp: string
  readonly tls?: TlsFiles
  readonly expect?: {
    /** It must encrypt by STARTTLS, with a certificate that is trusted. */
    readonly startTls?: boolean
    /** That certificate must be valid for at least this much longer. */
    readonly certificate?: Duration
  }
}

/** Checks by the handshake of a WebSocket: `'wss://chat.example.org/live'`. */
interface WebSocketTarget {
  readonly webSocket: string
  readonly headers?: Readonly<Record<string, SecretOrText>>
  readonly tls?: TlsFiles
  /** The subprotocol that is asked for. */
  readonly protocol?: string
}

/** Checks a unit of systemd on this machine: `'nginx.service'`. */
interface UnitTarget {
  readonly unit: string
  readonly expect?: {
    /** Which values of `ActiveState` are good; by default `active`. */
    readonly state?: string | readonly string[]
  }
}

/** Checks by the exit status of a program, run without a shell: `['pg_isready', '-h', 'db']`. */
interface CommandTarget {
  readonly command: readonly [string, ...string[]]
  readonly expect?: {
    /** Which exit statuses are good; by default 0. */
    readonly status?: number | readonly number[]
  }
}

type KeysOf<T> = T extends unknown ? keyof T : never
/** Each of these, without the keys that only others have. */
type ExactlyOne<T, All = T> = T extends unknown
  ? T & { readonly [Key in Exclude<KeysOf<All>, keyof T>]?: never }
  : never

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
