// Whether a client may publish on a topic.

import type { Pass } from '../../model/access.ts'
import type { Routing } from './routing.ts'

/**
 * Asked once for each topic and set of rights: the answer lives as long as the routing does. Without a list of
 * permissions, only clients of this machine that are no user may give commands: they may do everything.
 */
export function mayPublish({ rights, user }: Pass, routing: Routing): boolean {
  if (routing.closed) return false
  if (rights === null) return !routing.command || user === null
  const publishers = (routing.publishers ??= new WeakMap())
  let may = publishers.get(rights)
  if (may === undefined) {
    may = rights.mayPublish(routing.topic)
    publishers.set(rights, may)
  }
  return may
}
