// What a client has in the broker, for people to read.

import type { ClientSession } from '../../model/client.ts'
import { NEVER_EXPIRES, type Session } from '../session/session.ts'

export const sessionStatus = (session: Session): ClientSession => ({
  publishedAt: session.publishedAt,
  subscriptions: [...session.subscriptions.values()].map(({ filter, qos }) => ({ filter, qos })),
  queued: session.waiting.size,
  expirySeconds: session.expirySeconds === NEVER_EXPIRES ? null : session.expirySeconds,
})
