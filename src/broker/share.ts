// A shared subscription: `$share/<group>/<filter>`. Each message goes to one of its members, in turn, passing over those who
// cannot take it now. What a member was given and has not acknowledged moves on to another when that member's session ends.

import type { QoS } from '../model/event.ts'
import type { Target } from './routing.ts'
import type { Session } from './session.ts'

/** How well a member is placed to take a message; the lower the better. */
export const Placed = {
  /** It is there, and has room. */
  now: 0,
  /** It is there, and something waits for it already. */
  behind: 1,
  /** It is away, and its session waits for it. */
  away: 2,
  /** It cannot take the message at all. */
  never: 3,
} as const
export type Placed = (typeof Placed)[keyof typeof Placed]

export class Share {
  readonly #members: Target[] = []
  #next = 0

  get isEmpty(): boolean {
    return this.#members.length === 0
  }

  /** Whether a member's session outlives its connection, and has asked for QoS 1 or 2. */
  get owes(): boolean {
    return this.#members.some(({ session, qos }) => qos > 0 && session.outlives)
  }

  /** In the place of what the same session had asked for before. Returns whether it is a new member. */
  set(target: Target): boolean {
    const at = this.#indexOf(target.session)
    if (at === -1) this.#members.push(target)
    else this.#members[at] = target
    return at === -1
  }

  /** Returns whether it was a member. */
  delete(session: Session): boolean {
    const at = this.#indexOf(session)
    return at !== -1 && this.#members.splice(at, 1).length > 0
  }

  /** The next in turn of those that are placed best, for a message that was published at this QoS. */
  pick(published: QoS, placeOf: (target: Target, qos: QoS) => Placed): Target | null {
    const members = this.#members
    let best: Target | null = null
    let place: Placed = Placed.never
    let index = -1
    for (let turn = 0; turn < members.length && place !== Placed.now; turn++) {
      const at = (this.#next + turn) % members.length
      const target = members[at]!
      const its = placeOf(target, Math.min(published, target.qos) as QoS) // [MQTT-4.8.2-3]
      if (its >= place) continue
      best = target
      place = its
      index = at
    }
    if (best !== null) this.#next = index + 1
    return best
  }

  #indexOf(session: Session): number {
    return this.#members.findIndex((member) => member.session === session)
  }
}
