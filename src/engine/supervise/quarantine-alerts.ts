// The alerts about user code that is quarantined, and about events and runs that are set aside. An alert is
// raised when that happens, and resolved when the code, event or run gets another chance, also by a hub that
// was started since.

import type { UserUnit, WorkItem } from '../../model/suspect.ts'
import type { OwnAlert, OwnAlerts } from './own-alerts.ts'

export interface QuarantineAlerts {
  raise(aside: UserUnit | WorkItem, reason: string): void
  /** Resolves the alerts about all others. */
  keepOnly(units: readonly (UserUnit | WorkItem)[]): void
}

export const openQuarantineAlerts = (
  alerts: Pick<OwnAlerts, 'open' | 'raise' | 'resolve'>,
): QuarantineAlerts => ({
  raise: (aside, reason) => alerts.raise(keyOf(aside), { ...wordsFor(aside, reason), severity: 'critical' }),
  keepOnly(kept) {
    const keys = new Set(kept.map(keyOf))
    const body = 'The rules have been loaded anew. This gets another chance, if it is still there.'
    for (const key of alerts.open('quarantine/')) if (!keys.has(key)) alerts.resolve(key, { body })
  },
})

const keyOf = (aside: UserUnit | WorkItem): string =>
  `quarantine/${aside.kind}/${'name' in aside ? aside.name : aside.id}`

function wordsFor(aside: UserUnit | WorkItem, reason: string): Pick<OwnAlert, 'title' | 'body'> {
  if ('name' in aside)
    return {
      title: `The ${aside.kind} "${aside.name}" is quarantined`,
      body: `Its code ${reason}. It does not run until rules are saved again, or the hub is started anew.`,
    }
  const { kind, id } = aside
  return {
    title: `${kind === 'event' ? 'Event' : 'Run'} ${id} is set aside`,
    body:
      `Two engines ended while they worked on it; the last one ${reason}. ` +
      (kind === 'event'
        ? `No rule has been asked about it: "vigie why ${id}" names those that wait for it, and each ` +
          'has a dead run that can be retried.'
        : `It is dead: "vigie run show ${id}" tells more, "vigie run retry ${id}" tries it again.`),
  }
}
