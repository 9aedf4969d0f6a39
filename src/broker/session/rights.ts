// What a client may receive, and be answered on. What it may publish is asked together with the route of a
// topic (`routing/may-publish.ts`).

import type { Pass, Rights } from '../../model/access.ts'

/** Where there is no door, everybody may come in and do everything. */
export const OPEN_PASS: Pass = { user: null, rights: null, proof: null, realm: null }

/**
 * Whether a client may take up the session of another one with the same client id. A realm that is not known,
 * as of a session that was begun when none was recorded, tells nobody apart.
 */
export const isSameOwner = (owner: Pass, other: Pass): boolean =>
  owner.user === other.user && (owner.realm ?? other.realm) === (other.realm ?? owner.realm)

/**
 * The rights to what was taken before the hub last stopped: it was allowed then, and whoever could say what
 * is allowed now has yet to come back.
 */
export const EARLIER_RIGHTS: Rights = {
  mayPublish: () => true,
  mayReceive: () => true,
  mayReceiveAll: () => true,
  maySubscribe: () => true,
}

export const mayReceive = ({ rights }: Pass, topic: string): boolean =>
  rights === null || rights.mayReceive(topic)

/**
 * Whether a client may ask for an answer on a topic: only where it could listen or speak itself. Whoever
 * answers does so with rights of their own, and often in words of the asker.
 */
export const mayBeAnswered = ({ rights }: Pass, topic: string): boolean =>
  rights === null || rights.mayReceive(topic) || rights.mayPublish(topic)
