// Sessions that strangers have left. A session that outlives its connection does so for ever, and whoever
// forges addresses could leave one for each client id that there is. So of the sessions of clients that never
// showed that they hear the hub, the newest are kept, and the oldest end.

export class LeftSessions {
  readonly #most: number
  /** What ends each session, by client id. */
  readonly #sessions = new Map<string, () => void>()

  constructor(most: number) {
    this.#most = most
  }

  /** A stranger has gone, and its session stays until it is forgotten. */
  add(clientId: string, forget: () => void): void {
    this.#sessions.delete(clientId)
    this.#sessions.set(clientId, forget)
    if (this.#sessions.size <= this.#most) return
    for (const [oldest, forgetOldest] of this.#sessions) {
      this.#sessions.delete(oldest)
      return forgetOldest()
    }
  }

  /** Returns whether the session is one of these; it is none any more, as its client is back. */
  take(clientId: string): boolean {
    return this.#sessions.delete(clientId)
  }
}
