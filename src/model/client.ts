// A client as the hub shows it to people: its presence, and the session that the broker has for it.

/**
 * Whether a client is there. Clients of MQTT-SN can be `asleep`: the hub keeps their messages, and brings them
 * when they wake (`awake`). One of them that stays away for longer than it said is `lost`.
 */
export type PresenceState = 'online' | 'asleep' | 'awake' | 'offline' | 'lost'

export const PRESENCE_STATES = [
  'online',
  'asleep',
  'awake',
  'offline',
  'lost',
] as const satisfies readonly PresenceState[]

/** Whether the hub has a connection to a client in this state, which may be one that sleeps. */
export const isHere = (state: PresenceState): boolean => state !== 'offline' && state !== 'lost'

/** What a client has at this moment in the broker. */
export interface ClientSession {
  /** When the client last published, Unix ms; `null` for not since the hub started. */
  readonly publishedAt: number | null
  readonly subscriptions: readonly { readonly filter: string; readonly qos: number }[]
  /** Messages that wait for it: it is away, or slower than they come. */
  readonly queued: number
  /** How long the session outlives its connection, in seconds; `null` for ever. */
  readonly expirySeconds: number | null
}

/** A client with what is retained of it. */
export interface ClientStatus {
  readonly client: string
  readonly state: PresenceState
  /** How it went; `null` while it is there. */
  readonly reason: string | null
  /** Since when it is so, Unix ms. */
  readonly since: number
  readonly address: string
  readonly user: string | null
  readonly protocol: string
  /** When the client last published, Unix ms; `null` for not that the hub knows of. */
  readonly publishedAt: number | null
  /** Absent of a client that went and left no session. */
  readonly session: ClientSession | null
}
