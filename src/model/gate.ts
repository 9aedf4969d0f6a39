// The port for clients that do not speak MQTT: a gateway inside this process speaks MQTT 5.0 for each of them,
// over a stream, and the broker has a session for each like for any other client.

import type { Duplex } from 'node:stream'

/** A message of the client's last wish, without properties. */
export interface GuestWill {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

/** Why a gateway does not bring a message to its client; counted with the drops of the broker. */
export type GuestDrop = 'slow' | 'too-large' | 'no-topic-id'

export interface GuestArrival {
  /** The gateway's MQTT, as a socket would carry it. */
  readonly socket: Duplex
  readonly address: string
  /** What presence calls the protocol of the client, such as `MQTT-SN 1.2`. */
  readonly protocol: string
  /** The user that the client is; `undefined`: the door asks. */
  readonly user?: string | undefined
  /** Called when nothing is under way to the client, and nothing waits for it. */
  readonly onIdle: () => void
}

/** One such client, as its gateway sees it. The gateway watches over its silence: the broker does not. */
export interface Guest {
  /**
   * From now on messages of QoS 1 and 2 wait in the session.
   * @param state what presence says; `null`: what it said before
   */
  sleep(state: 'asleep' | null): void
  /**
   * Messages go to the client again; calls `onIdle`, perhaps before it returns, once it has them all.
   * @param state what presence says; `null`: what it said before
   */
  wake(state: 'online' | 'awake' | null): void
  /** Whether something is under way to the client, or waits for it. */
  readonly isOwed: boolean
  /**
   * Replaces the will; `null` removes it.
   * @param done called when that is committed; or at once with `false`, when the client may not publish there
   */
  setWill(will: GuestWill | null, done: (isTaken: boolean) => void): void
  /** Whether the session began with this connection. */
  readonly isNewSession: boolean
  /** Returns what ends the session later, unless somebody has taken it up since. */
  forgetLater(): () => void
  /**
   * Ends the connection: the client fell silent (`keepalive`), had to go (`kicked`), or the gateway stops.
   * @param isForgotten whether the session ends as well
   */
  close(departure: 'keepalive' | 'kicked' | 'stopped', isForgotten?: boolean): void
}

export interface Gate {
  /** The largest packet that the broker takes, in bytes. */
  readonly packetBytes: number
  accept(arrival: GuestArrival): Guest
  /** Whether the hub can keep what it would acknowledge. */
  isUsable(): boolean
  /** Counts a message that a client does not get. */
  drop(reason: GuestDrop): void
}
