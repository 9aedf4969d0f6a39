// Bridges: what the journal keeps for each, and how they are as others see them.

/** A bridge as the journal keeps it. */
export interface StoredBridge {
  readonly name: string
  /** No event up to this one is owed to the far side, except those in `sent`. */
  readonly acknowledgedUpTo: number
  /** Events that went out at QoS 2 and whose handshake has not ended, or that are ahead of the cursor. */
  readonly sent: readonly StoredSent[]
  /** Packet ids of QoS 2 messages that have come in and have not been released. */
  readonly received: readonly number[]
  /** The subscriptions that the far side has confirmed, as `2 a/#`: the QoS and the filter. */
  readonly subscribed: readonly string[]
}

/** One QoS 2 message on its way out. */
export interface StoredSent {
  readonly event: number
  /** 0: the far side has the message, and its handshake has ended. */
  readonly packetId: number
  /** The far side has received the message: only its PUBREL is left to send. */
  readonly released: boolean
}

/** What the journal keeps of all bridges, when the hub starts. */
export interface StoredBridges {
  /** Names this hub in the chains of hubs that a message has passed; made with the journal. */
  readonly hubId: string
  readonly bridges: readonly StoredBridge[]
}

export type BridgeChange =
  /**
   * The bridge is configured with these local filters for what goes out. A new bridge begins after event
   * `from`. Retained messages under filters that the bridge did not have before are owed to the far side.
   */
  | {
      readonly kind: 'bridge-opened'
      readonly bridge: string
      readonly filters: readonly string[]
      readonly from: number
    }
  /** The bridge is not configured any more: forgets all that was kept for it. */
  | { readonly kind: 'bridge-ended'; readonly bridge: string }
  /** The far side has acknowledged every event up to this one. */
  | { readonly kind: 'bridge-progressed'; readonly bridge: string; readonly upTo: number }
  | { readonly kind: 'bridge-subscribed'; readonly bridge: string; readonly subscriptions: readonly string[] }
  /** A QoS 2 message has come in under this packet id, or its PUBREL has. */
  | { readonly kind: 'bridge-took' | 'bridge-let-go'; readonly bridge: string; readonly packetId: number }
  /** A QoS 2 message goes out; PUBREC has come for it; PUBCOMP has. */
  | {
      readonly kind: 'bridge-sent' | 'bridge-released' | 'bridge-done'
      readonly bridge: string
      readonly event: number
      readonly packetId: number
    }
  /** The far side has the retained message of this topic as it is. */
  | { readonly kind: 'bridge-retained'; readonly bridge: string; readonly topic: string }
  /** The far side has lost its session, and perhaps what it retained: all of that is owed again. */
  | { readonly kind: 'bridge-forgotten'; readonly bridge: string }

/** A retained message that the far side may not have. */
export interface OwedRetained {
  readonly topic: string
  /** `null`: nothing is retained on the topic any more, so the far side is to clear it. */
  readonly message: {
    readonly event: number
    /** Whether the event is still in the journal. */
    readonly isEvent: boolean
    readonly at: number
    readonly payload: Uint8Array
    readonly qos: 0 | 1 | 2
    readonly properties: Uint8Array | null
  } | null
}

export const BRIDGE_STATES = ['connected', 'connecting', 'waiting', 'idle', 'stopped'] as const
/**
 * `connecting`: the far side has not accepted the connection yet. `waiting`: for the next attempt. `idle`: an
 * on-demand bridge with nothing to send. `stopped`: it cannot work until its settings are changed.
 */
export type BridgeState = (typeof BRIDGE_STATES)[number]

/** How a bridge is, for `vigie bridges`, and retained under `<root>/bridges/<name>`. */
export interface BridgeStatus {
  readonly name: string
  readonly state: BridgeState
  /** Unix ms of the last change of `state`; a failed attempt does not change it. */
  readonly since: number
  /** The address that was last tried, without user and password. */
  readonly address: string
  /** MQTT 5.0 or 3.1.1 as agreed on, or AMQP 0-9-1; `null` before the first connection. */
  readonly version: '5.0' | '3.1.1' | '0-9-1' | null
  /** Why it is not connected, as a sentence; `null` when it is, or when nothing has gone wrong. */
  readonly reason: string | null
  /** Messages that the far side has acknowledged, and that came from there, since the hub started. */
  readonly sent: number
  readonly received: number
  /** Events that were committed after the last one that the far side has acknowledged all before. */
  readonly behind: number
  /** Messages that fell out of history before the far side had acknowledged them, ever. */
  readonly lost: number
  /** Messages that were not passed on since the hub started, by the reason why. */
  readonly dropped: Readonly<Record<BridgeDrop, number>>
}

export const BRIDGE_DROPS = ['loop', 'refused', 'expired', 'too-large', 'untranslatable', 'unrouted'] as const
/**
 * `loop`: the message had been here, or there, before. `refused`: the far side, or this hub, does not take
 * it. `untranslatable`: the far side cannot have its topic. `unrouted`: no queue there is bound for it.
 */
export type BridgeDrop = (typeof BRIDGE_DROPS)[number]

/** The user property of CONNECT and CONNACK by which two hubs tell each other who they are. */
export const HUB_PROPERTY = 'vigie-hub'

/** The client id of events that a bridge brought in. */
export const bridgeClient = (bridge: string): string => `bridge:${bridge}`
