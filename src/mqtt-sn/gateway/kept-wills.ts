// The wills of clients that went as they should. A session of MQTT-SN that outlives its connection keeps the
// will, too: a client that comes back without the Will flag has the one that it left (6.3). They are kept in
// memory: after a restart of the hub a client has to say its will again.

import type { GuestWill } from '../../model/gate.ts'

export class KeptWills {
  readonly #most: number
  /** The one that was set the longest ago comes first. */
  readonly #wills = new Map<string, GuestWill>()

  constructor(most: number) {
    this.#most = most
  }

  get(clientId: string): GuestWill | null {
    return this.#wills.get(clientId) ?? null
  }

  set(clientId: string, will: GuestWill | null): void {
    this.#wills.delete(clientId)
    if (will === null) return
    this.#wills.set(clientId, { ...will, payload: Buffer.from(will.payload) })
    if (this.#wills.size > this.#most) this.#wills.delete(this.#wills.keys().next().value!)
  }
}
