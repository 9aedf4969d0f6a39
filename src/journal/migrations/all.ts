// The migrations of the schema, oldest first. A released migration never changes: each change is a new
// migration.

import { sql as journal } from './0001-journal.ts'
import { sql as sessions } from './0002-sessions.ts'
import { sql as shares } from './0003-shares.ts'
import { sql as feeds } from './0004-feeds.ts'
import { sql as pastSubscriptions } from './0005-past-subscriptions.ts'
import { sql as slices } from './0006-slices.ts'
import { sql as cutOffs } from './0007-cut-offs.ts'
import { sql as runReason } from './0008-run-reason.ts'
import { sql as heldEvents } from './0009-held-events.ts'
import { sql as endedSessions } from './0010-ended-sessions.ts'
import { sql as clocksBehind } from './0011-clocks-behind.ts'
import { sql as sessionRealms } from './0012-session-realms.ts'
import { sql as alerts } from './0013-alerts.ts'
import { sql as runDetails } from './0014-run-details.ts'
import { sql as clockSets } from './0015-clock-sets.ts'
import { sql as alertsByAge } from './0016-alerts-by-age.ts'
import { sql as bridges } from './0017-bridges.ts'
import { sql as rulePauses } from './0018-rule-pauses.ts'

/** The position in this list, counted from 1, is the version of the schema (`PRAGMA user_version`). */
export const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-journal', sql: journal },
  { name: '0002-sessions', sql: sessions },
  { name: '0003-shares', sql: shares },
  { name: '0004-feeds', sql: feeds },
  { name: '0005-past-subscriptions', sql: pastSubscriptions },
  { name: '0006-slices', sql: slices },
  { name: '0007-cut-offs', sql: cutOffs },
  { name: '0008-run-reason', sql: runReason },
  { name: '0009-held-events', sql: heldEvents },
  { name: '0010-ended-sessions', sql: endedSessions },
  { name: '0011-clocks-behind', sql: clocksBehind },
  { name: '0012-session-realms', sql: sessionRealms },
  { name: '0013-alerts', sql: alerts },
  { name: '0014-run-details', sql: runDetails },
  { name: '0015-clock-sets', sql: clockSets },
  { name: '0016-alerts-by-age', sql: alertsByAge },
  { name: '0017-bridges', sql: bridges },
  { name: '0018-rule-pauses', sql: rulePauses },
]
