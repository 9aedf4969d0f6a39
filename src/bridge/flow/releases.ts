// QoS 2 messages that the far side has received: each gets its PUBREL when the journal knows that, and is
// complete with PUBCOMP.

interface Release {
  readonly packetId: number
  readonly event: number
  /** PUBREL is due when this is committed. */
  readonly mark: number
  isSent: boolean
}

export class Releases {
  readonly #byPacketId = new Map<number, Release>()

  get size(): number {
    return this.#byPacketId.size
  }

  get events(): readonly number[] {
    return Array.from(this.#byPacketId.values(), ({ event }) => event)
  }

  has(packetId: number): boolean {
    return this.#byPacketId.has(packetId)
  }

  add(packetId: number, event: number, mark: number): void {
    this.#byPacketId.set(packetId, { packetId, event, mark, isSent: false })
  }

  /** There is a new connection: each PUBREL is sent again. [MQTT-4.4.0-1] */
  begin(): void {
    for (const release of this.#byPacketId.values()) release.isSent = false
  }

  /** Sends, in order, each PUBREL that is due. */
  send(committedId: number, pubrel: (packetId: number) => void): void {
    for (const release of this.#byPacketId.values()) {
      if (release.isSent) continue
      if (release.mark > committedId) return
      release.isSent = true
      pubrel(release.packetId)
    }
  }

  /** PUBCOMP has come; returns the event, or `undefined` for a packet id that waits for none. */
  complete(packetId: number): number | undefined {
    const release = this.#byPacketId.get(packetId)
    this.#byPacketId.delete(packetId)
    return release?.event
  }
}
