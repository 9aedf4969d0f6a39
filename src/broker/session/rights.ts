// What clients are admitted as, and what follows from it: the checks on the way of a message, and what happens to those that are
// here when users or permissions change.

import type { Door, Pass, Rights } from '../../model/access.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Hub } from '../connection/hub.ts'
import type { Routing } from '../routing/routing.ts'

/** Where there is no door, everybody may come in and do everything. */
export const OPEN_PASS: Pass = { user: null, rights: null, proof: null }

/** Of what was taken before the hub last stopped: it was allowed then, and who could say what is allowed now has yet to come back. */
export const EARLIER_RIGHTS: Rights = {
  mayPublish: () => true,
  mayReceive: () => true,
  maySubscribe: () => true,
}

/** Worked out once for each topic and set of rights: the answer lives as long as the routing does. */
export function mayPublish({ rights }: Pass, routing: Routing): boolean {
  if (routing.closed) return false
  if (rights === null) return !routing.command
  const publishers = (routing.publishers ??= new WeakMap())
  let may = publishers.get(rights)
  if (may === undefined) {
    may = rights.mayPublish(routing.topic)
    publishers.set(rights, may)
  }
  return may
}

export const mayReceive = ({ rights }: Pass, topic: string): boolean =>
  rights === null || rights.mayReceive(topic)

/**
 * Whoever answers a request does so with rights of their own, and often in words of the asker. So nobody may ask for an answer on
 * a topic where they could neither listen nor speak.
 */
export const mayBeAnswered = ({ rights }: Pass, topic: string): boolean =>
  rights === null || rights.mayReceive(topic) || rights.mayPublish(topic)

/** Users or permissions have changed: rights are taken anew, and whoever would not get in any more has to go, session and all. */
export function renewRights(hub: Hub, door: Door): void {
  for (const session of hub.sessions) {
    if (session.door !== door) continue
    const pass = door.renew(session.pass, session.clientId)
    if (pass === null) {
      session.holder?.close('kicked', ReasonCode.NotAuthorized)
      // It may have ended with its connection; ended twice, it would hand on twice what it had of a group.
      if (!session.ended) hub.sessions.end(hub, session)
    } else session.pass = pass
  }
  hub.routes.refresh()
}
