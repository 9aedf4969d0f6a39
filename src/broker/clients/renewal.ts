// What happens to the clients that are here when users or permissions change.

import type { Door } from '../../model/access.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Routes } from '../routing/routing.ts'
import type { Sessions } from './sessions.ts'

/** Asks the door for all rights anew. Whoever would not be let in any more has to go, session and all. */
export function renewRights(
  { sessions, routes }: { readonly sessions: Sessions; readonly routes: Routes },
  door: Door,
): void {
  for (const session of sessions) {
    if (session.door !== door) continue
    const pass = door.renew(session.pass, session.clientId)
    if (pass === null) {
      session.holder?.close('kicked', ReasonCode.NotAuthorized)
      // The session may have ended with its connection; ended twice, it would hand on twice what it had of a
      // group.
      if (!session.ended) sessions.end(session)
    } else session.renew(pass)
  }
  routes.refresh()
}
