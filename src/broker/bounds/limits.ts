// What one client, and all of them together, may take. Every bound is here, with its default; what meets one
// is counted.

import { PACKET_BYTES } from '../../model/publication-size.ts'

export interface Limits {
  /** Connections at one time; a further one is told "server busy". */
  readonly connections: number
  /**
   * Connects a second from one address, of other machines only; ten seconds' worth may come at once. 0 for no
   * limit.
   */
  readonly connectsPerSecond: number
  /** A connection that has not sent its whole CONNECT by then is closed. */
  readonly connectTimeoutMs: number
  /**
   * The largest packet taken from a client, in bytes. A publication of the hub's own may have this, and 16
   * MiB in any case.
   */
  readonly packetBytes: number
  /**
   * The largest packet that is no PUBLISH, in bytes: it bounds what a stranger can make the hub gather, and
   * what one SUBSCRIBE can make it do.
   */
  readonly controlBytes: number
  /** The longest topic name or filter, in bytes of UTF-8. */
  readonly topicBytes: number
  /** The deepest topic name or filter, in levels. */
  readonly topicLevels: number
  /**
   * Sessions that outlive their connection, whether their clients are there or away. A client that asks for a
   * further one is refused.
   */
  readonly sessions: number
  readonly subscriptionsPerSession: number
  /** QoS 1 and 2 messages under way to one client; a version 5 client may ask for less. */
  readonly inflight: number
  /** QoS 1 and 2 messages that a client may have unacknowledged with us; version 5 clients are told. */
  readonly receiveMaximum: number
  /**
   * The longest keep alive in seconds: a version 5 client that asks for a longer one, or for none, is told
   * this. 0 for no such limit.
   */
  readonly keepAliveSeconds: number
  /** Topic aliases that a version 5 client may set up, and that it is sent at most. */
  readonly topicAliases: number
  /** Messages that wait for one client, by number and by bytes; the newest are dropped beyond. */
  readonly queueMessages: number
  readonly queueBytes: number
  readonly retainedMessages: number
  readonly retainedBytes: number
  /**
   * Bytes that wait for one client's socket: beyond, QoS 0 is dropped, and QoS 1 and 2 wait in the session.
   */
  readonly outputBytes: number
}

export const DEFAULT_LIMITS: Limits = {
  connections: 100_000,
  connectsPerSecond: 100,
  connectTimeoutMs: 10_000,
  packetBytes: PACKET_BYTES,
  controlBytes: 512 * 1024,
  topicBytes: 4_096,
  topicLevels: 256,
  sessions: 100_000,
  subscriptionsPerSession: 10_000,
  inflight: 65_535,
  receiveMaximum: 65_535,
  keepAliveSeconds: 0,
  topicAliases: 64,
  queueMessages: 100_000,
  queueBytes: 64 * 2 ** 20,
  retainedMessages: 1_000_000,
  retainedBytes: 256 * 2 ** 20,
  outputBytes: 8 * 2 ** 20,
}
