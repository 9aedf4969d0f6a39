// The states of one MQTT-SN client, from its CONNECT to its end; `client.ts` makes the changes.
//
//   prompted ── WILLTOPIC, WILLMSG ──▶ joining ── the broker accepts ──▶ accepted ── any message ──▶ active
//   joining ── DISCONNECT ──▶ leaving ── the broker accepts ──▶ ended
//   accepted, active ── DISCONNECT with a length ──▶ asleep ── PINGREQ ──▶ awake, or looking if nothing waits
//   awake, looking ── all is sent, DISCONNECT with a length ──▶ asleep
//   asleep, awake, looking ── CONNECT ──▶ accepted, by way of prompted and joining if it has the Will flag
//   any ── DISCONNECT, silence, an order of the broker ──▶ ended

export type SnState =
  /** Asked for its will. */
  | 'prompted'
  /** The broker has yet to accept the client, or its new will. */
  | 'joining'
  /** `joining`, and to be ended then: the broker has to know a session before the client can leave it. */
  | 'leaving'
  /** Connected, and nothing has come since CONNECT: the next like it is a repeat. */
  | 'accepted'
  /** Connected, and more than CONNECT has come. */
  | 'active'
  | 'asleep'
  /** Awake without a word in presence: a sensor that finds nothing is not worth two events each time. */
  | 'looking'
  /** Awake to get what waits, and presence says so. */
  | 'awake'
  | 'ended'

/** Whether the client has yet to hear CONNACK. */
export const isConnecting = (state: SnState): boolean =>
  state === 'prompted' || state === 'joining' || state === 'leaving'

/** Whether the client is awake for a while, to get what waits. */
export const isAwake = (state: SnState): boolean => state === 'awake' || state === 'looking'

/** Whether the client is between the DISCONNECT that said for how long it sleeps and its next CONNECT. */
export const sleeps = (state: SnState): boolean => state === 'asleep' || isAwake(state)
