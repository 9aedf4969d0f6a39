// The alerts about user code that is quarantined, and about events and runs that are set aside. An alert is
// raised when that happens, and resolved when the code, event or run gets another chance, also by a hub that
// was started since.

import type { AlertReport } from '../../actions/alert.ts'
import type { Clock } from '../../base/clock.ts'
import type { RetainedMessage } from '../../model/store.ts'
import { alertTopic } from '../../topics/alert-topic.ts'
import type { Task, UserUnit } from '../../model/suspect.ts'

type QuarantineAlert = Omit<AlertReport, 'rule' | 'by'>

export interface QuarantineAlertPorts {
  readonly root: string
  readonly clock: Clock
  /** The retained messages that a previous hub has left. */
  readonly retained: Iterable<Pick<RetainedMessage, 'topic' | 'payload'>>
  /** Publishes a retained message. */
  readonly say: (topic: string, alert: QuarantineAlert) => void
}

export interface QuarantineAlerts {
  raise(aside: UserUnit | Task, reason: string): void
  /** Resolves the alerts about all others. */
  keepOnly(units: readonly (UserUnit | Task)[]): void
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
    raise(aside, reason) {
      const key = keyOf(aside)
      const topic = alertTopic(key, root)
      const at = new Date(clock.now()).toISOString()
      const alert = {
        key,
        state: 'firing',
        ...wordsFor(aside, reason),
        severity: 'critical',
        since: at,
        at,
        count: 1,
      } as const
      firing.set(topic, alert)
      say(topic, alert)
    },
    keepOnly(kept) {
      const topics = new Set(kept.map((aside) => alertTopic(keyOf(aside), root)))
      const at = new Date(clock.now()).toISOString()
      for (const [topic, alert] of firing) {
        if (topics.has(topic)) continue
        firing.delete(topic)
        const body = 'The rules have been loaded anew. This gets another chance, if it is still there.'
        say(topic, { ...alert, state: 'resolved', body, since: at, at })
      }
    },
  }
}

const keyOf = (aside: UserUnit | Task): string =>
  `quarantine/${aside.kind}/${'name' in aside ? aside.name : aside.id}`

function wordsFor(aside: UserUnit | Task, reason: string): Pick<QuarantineAlert, 'title' | 'body'> {
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
