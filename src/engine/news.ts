// What the hub says about its own engine: as log lines for the operator, and as messages under its root, so that a rule or
// any MQTT client can act on them.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { formatDuration } from '../base/quantities.ts'
import type { Publication } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import type { UserUnit } from './pulse.ts'
import type { LoadReport } from './thread.ts'

export interface News {
  /** The hub has started, and its rules are loaded. */
  started(): void
  /** These rules are in force from now on. */
  loaded(report: LoadReport): void
  /** The new rules are not taken; those before stay in force. */
  refused(failures: readonly string[]): void
  /** The engine is gone and another one is begun. */
  died(reason: string, unit: UserUnit | null, pauseMs: number): void
}

export interface NewsPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly publish: (publication: Publication) => Promise<number>
}

export function openNews({ root, clock, log, publish }: NewsPorts): News {
  const say = (topic: string, payload: JsonObject, retain: boolean): void => {
    publish({
      topic: `${root}/${topic}`,
      payload: Buffer.from(JSON.stringify({ ...payload, at: new Date(clock.now()).toISOString() })),
      qos: 1,
      retain,
      origin: 'hub',
      cause: null,
    }).catch((error: unknown) => log.error({ err: error }, `${root}/${topic} could not be published.`))
  }
  return {
    started() {
      say('hub/started', {}, false)
    },
    loaded({ rules, failures, warnings }) {
      for (const failure of failures) log.error(failure)
      for (const warning of warnings) log.warn(warning)
      log.info(
        { rules },
        `${count(rules.length, 'rule')} in force${rules.length > 0 ? `: ${shortList(rules)}` : ''}.`,
      )
      const state = failures.length === 0 ? 'loaded' : 'incomplete'
      say('hub/rules', { state, rules, failures, warnings }, true)
    },
    refused(failures) {
      for (const failure of failures) log.error(failure)
      log.error('The rules were not reloaded; those before stay in force.')
      say('hub/rules', { state: 'refused', failures }, true)
    },
    died(reason, unit, pauseMs) {
      const who = unit === null ? 'The engine' : `${unit.kind === 'rule' ? 'Rule' : 'File'} "${unit.name}"`
      const next =
        unit === null
          ? `a new engine begins in ${formatDuration(pauseMs)}`
          : 'it is put aside until its file changes, and a new engine begins'
      log.error(`${who} ${reason}; ${next}.`)
      say('hub/engine', { state: 'died', reason, unit: unit && { ...unit } }, false)
      if (unit !== null) say(`alerts/${alertKey(unit)}`, quarantineAlert(unit, reason), true)
    },
  }
}

const alertKey = ({ kind, name }: UserUnit): string =>
  `quarantine/${kind}/${name.toWellFormed().replaceAll(/[+#%\p{Cc}]/gu, encodeURIComponent)}`

const quarantineAlert = (unit: UserUnit, reason: string): JsonObject => ({
  key: alertKey(unit),
  state: 'firing',
  title: `The ${unit.kind} "${unit.name}" is quarantined`,
  body: `Its code ${reason}. It takes no more part until its file changes.`,
  severity: 'critical',
})

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

const MOST_NAMED = 12

const shortList = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`
