// What the hub says about its own engine: as log lines for the operator, and as messages under its root, so that a rule or
// any MQTT client can act on them.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { Publication } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import { countedDeclarations } from '../../model/declarations.ts'
import type { UserUnit } from '../contain/pulse.ts'
import { openQuarantineAlerts } from './quarantine-alerts.ts'
import type { QuarantineAlertPorts } from './quarantine-alerts.ts'
import type { LoadReport } from '../protocol.ts'
import type { Ending } from '../contain/user-thread.ts'

export interface News {
  /** The hub has started, and its rules are loaded. */
  started(): void
  /** These rules are in force from now on; what is still put aside is no part of them. */
  loaded(report: LoadReport, quarantined: readonly UserUnit[]): void
  /** The new rules are not taken; those before stay in force. */
  refused(failures: readonly string[]): void
  /** Nothing is known of the rules: no event is looked at until they can be read. */
  unreadable(reason: string): void
  /** The engine is gone and another one is begun. */
  died(ending: Ending, pauseMs: number): void
}

export interface NewsPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly publish: (publication: Publication) => Promise<number>
  /** What a hub before this one has left. */
  readonly retained: QuarantineAlertPorts['retained']
}

export function openNews({ root, clock, log, publish, retained }: NewsPorts): News {
  const publishJson = (topic: string, payload: object, retain: boolean): void => {
    publish({
      topic,
      payload: Buffer.from(JSON.stringify(payload)),
      qos: 1,
      retain,
      origin: 'hub',
      cause: null,
    }).catch((error: unknown) => log.error({ err: error }, `${topic} could not be published.`))
  }
  const say = (topic: string, payload: JsonObject, retain: boolean): void =>
    publishJson(`${root}/${topic}`, { ...payload, at: new Date(clock.now()).toISOString() }, retain)
  const quarantine = openQuarantineAlerts({
    root,
    clock,
    retained,
    say: (topic, alert) => publishJson(topic, alert, true),
  })
  return {
    started() {
      say('hub/started', {}, false)
    },
    loaded(report, quarantined) {
      const { rules, pings, watches, failures, warnings } = report
      for (const failure of failures) log.error(failure)
      for (const warning of warnings) log.warn(warning)
      const names = [...rules, ...pings]
      const list = names.length > 0 ? `: ${shortList(names)}` : ''
      log.info({ rules, pings, watches }, `${countedDeclarations(report)} in force${list}.`)
      const state = failures.length === 0 ? 'loaded' : 'incomplete'
      say('hub/rules', { state, rules, pings, watches, failures, warnings }, true)
      quarantine.keepOnly(quarantined)
    },
    refused(failures) {
      for (const failure of failures) log.error(failure)
      log.error('The rules were not reloaded; those before stay in force.')
      say('hub/rules', { state: 'refused', failures }, true)
    },
    unreadable(reason) {
      log.error(reason)
      log.error('Until the rules can be read, no event is looked at; the journal keeps all of them for that.')
      say('hub/rules', { state: 'unreadable', failures: [reason] }, true)
    },
    died({ how, reason, unit }, pauseMs) {
      const who = unit === null ? 'The engine' : `${unit.kind === 'rule' ? 'Rule' : 'File'} "${unit.name}"`
      const next =
        unit === null
          ? `a new engine begins in ${formatDuration(pauseMs)}${how === 'crashed' ? ', and notes whose code it runs' : ''}`
          : 'it is put aside until rules are saved again, and a new engine begins'
      log.error(`${who} ${reason}; ${next}.`)
      say('hub/engine', { state: 'died', reason, unit: unit && { ...unit } }, false)
      if (unit !== null) quarantine.raise(unit, reason)
    },
  }
}

const MOST_NAMED = 12

const shortList = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`
