// What the broker counts. Each message that somebody does not get is counted under the reason why.

const DROP_REASONS = [
  /** QoS 0 for a client whose socket is behind. */
  'slow',
  /** As many messages as may wait for one client were waiting already. */
  'queue-full',
  /** Larger than the client wants packets to be. */
  'too-large',
  /** The message expiry had passed. */
  'expired',
  /** A client published where it may not, or a message came for it that it may not see any more. */
  'denied',
  /** Retained messages had taken all the room there is for them. */
  'retained-full',
  /** Another hub sent what had begun here, or had come through. */
  'loop',
  /** An MQTT-SN client had as many topic ids as it may, or did not take one for the topic. */
  'no-topic-id',
] as const
export type DropReason = (typeof DROP_REASONS)[number]

export class Counters {
  /** Connections of the transport, whatever came of them. */
  sockets = 0
  bytesReceived = 0
  packetsReceived = 0
  packetsSent = 0
  publishesReceived = 0
  publishesSent = 0
  publishBytesReceived = 0
  publishBytesSent = 0
  connects = 0
  refusedConnects = 0
  protocolErrors = 0
  /** Filters that a client asked for and may not have. */
  deniedSubscriptions = 0
  /** CONNECTs of unknown users, with wrong passwords, or before their turn after such. */
  failedLogins = 0
  takeovers = 0
  expiredSessions = 0
  /** The most clients that were connected at one time. */
  mostClients = 0
  readonly dropped = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
    DropReason,
    number
  >

  drop(reason: DropReason, messages = 1): void {
    this.dropped[reason] += messages
  }

  get droppedInAll(): number {
    return Object.values(this.dropped).reduce((sum, count) => sum + count, 0)
  }
}
