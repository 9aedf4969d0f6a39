// The alerts about code that has taken the engine down: raised when it is put aside, resolved when it gets another chance, be it
// from a hub that was started since.

import type { AlertReport } from '../../actions/alert.ts'
import type { Clock } from '../../base/clock.ts'
import type { RetainedMessage } from '../../model/store.ts'
import { alertTopic } from '../../topics/alert-topic.ts'
import type { UserUnit } from '../contain/pulse.ts'

type QuarantineAlert = Omit<AlertReport, 'rule' | 'by'>

export interface QuarantineAlertPorts {
  readonly root: string
  readonly clock: Clock
  /** What a hub before this one has left. */
  readonly retained: Iterable<Pick<RetainedMessage, 'topic' | 'payload'>>
  /** Publishes a retained message. */
  readonly say: (topic: string, alert: QuarantineAlert) => void
}

export interface QuarantineAlerts {
  raise(unit: UserUnit, reason: string): void
  /** Resolves those about all others. */
  keepOnly(units: readonly UserUnit[]): void
}

export function openQuarantineAlerts(ports: QuarantineAlertPorts): QuarantineAlerts {
  const { root, clock, retained, say } = ports
  const firing = new Map<string, QuarantineAlert>()
  const prefix = alertTopic('quarantine/', root)
  for (const { topic, payload } of retained) {
    if (!topic.startsWith(prefix)) continue
    const alert = JSON.parse(Buffer.from(payload).toString()) as QuarantineAlert
    if (alert.state === 'firing') firing.set(topic, alert)
  }
  return {
    raise(unit, reason) {
      const key = keyOf(unit)
      const topic = alertTopic(key, root)
      const at = new Date(clock.now()).toISOString()
      const alert = {
        key,
        state: 'firing',
        title: `The ${unit.kind} "${unit.name}" is quarantined`,
        body: `Its code ${reason}. It takes no part until rules are saved again, or the hub is started anew.`,
        severity: 'critical',
        since: at,
        at,
        count: 1,
      } as const
      firing.set(topic, alert)
      say(topic, alert)
    },
    keepOnly(units) {
      const kept = new Set(units.map((unit) => alertTopic(keyOf(unit), root)))
      const at = new Date(clock.now()).toISOString()
      for (const [topic, alert] of firing) {
        if (kept.has(topic)) continue
        firing.delete(topic)
        const body = 'The rules have been loaded anew; it takes part again, if it is still there.'
        say(topic, { ...alert, state: 'resolved', body, since: at, at })
      }
    },
  }
}

const keyOf = ({ kind, name }: UserUnit): string => `quarantine/${kind}/${name}`
