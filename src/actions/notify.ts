// The notify action: tells one notification over its channel. Only the hub's own runs have it.

import type { NotifySpec } from '../model/action.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Attempt } from './context.ts'

export const performNotify = (spec: NotifySpec, attempt: Attempt): Promise<Outcome> =>
  attempt.hub.notify(spec, attempt)
