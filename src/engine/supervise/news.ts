// Reports what happens to the hub's engine: as log lines for the operator, and as messages under the hub's
// root, so that a rule or any MQTT client can act on them.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import type { JsonObject } from '../../model/json.ts'
import { countedDeclarations } from '../../model/declarations.ts'
import type { UserUnit, WorkItem } from '../../model/suspect.ts'
import type { Judgement } from './blame.ts'
import { openQuarantineAlerts } from './quarantine-alerts.ts'
import type { OwnAlert, OwnAlerts } from './own-alerts.ts'
import type { LoadReport } from '../protocol.ts'
import type { Ending } from '../contain/ending.ts'

/** The key of the alert that says that the rules do not run. */
const ENGINE_ALERT = 'engine'
/** The key of the alert that says that rules are not in force. */
const RULES_ALERT = 'rules'

export interface News {
  /** The hub has started, and its rules are loaded. */
  started(): void
  /** These rules are in force from now on. `aside` names what is still quarantined or set aside. */
  loaded(report: LoadReport, aside: readonly (UserUnit | WorkItem)[]): void
  /** The new rules are refused; the old ones stay in force. */
  refused(failures: readonly string[]): void
  /** The rules cannot be read: no event is evaluated until they can. */
  unreadable(reason: string): void
  /** The engine has ended, and another one begins. */
  died(ending: Ending, judgement: Judgement): void
  /**
   * Takes the sentence that says why the rules do not run, or `null` when they do. Called when it changes.
   */
  trouble(sentence: string | null): void
}

export interface NewsPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly publish: (publication: Publication) => Promise<number>
  readonly alerts: Pick<OwnAlerts, 'open' | 'raise' | 'resolve'>
}

export function openNews({ root, clock, log, publish, alerts }: NewsPorts): News {
  const publishJson = (topic: string, payload: object, retain: boolean): void => {
    publish(hubMessage(topic, payload, { retain })).catch((error: unknown) =>
      log.error({ err: error }, `${topic} could not be published.`),
    )
  }
  const say = (topic: string, payload: JsonObject, retain: boolean): void =>
    publishJson(`${root}/${topic}`, { ...payload, at: new Date(clock.now()).toISOString() }, retain)
  const quarantine = openQuarantineAlerts(alerts)
  let toldTrouble: string | null = null
  const missing = (title: string, failures: readonly string[]): OwnAlert => ({
    title,
    body: failures.join('\n'),
    severity: 'critical',
  })
  return {
    started() {
      say('hub/started', {}, false)
    },
    loaded(report, aside) {
      const { rules, pings, watches, tasks, failures, warnings } = report
      for (const failure of failures) log.error(failure)
      for (const warning of warnings) log.warn(warning)
      const names = [...rules, ...pings]
      const list = names.length > 0 ? `: ${shortList(names)}` : ''
      log.info({ rules, pings, watches, tasks }, `${countedDeclarations(report)} in force${list}.`)
      const state = failures.length === 0 ? 'loaded' : 'incomplete'
      say('hub/rules', { state, rules, pings, watches, tasks, failures, warnings }, true)
      quarantine.keepOnly(aside)
      if (failures.length === 0) alerts.resolve(RULES_ALERT, { title: 'All rules are in force' })
      else alerts.raise(RULES_ALERT, missing('Some rules are not in force', failures))
    },
    refused(failures) {
      for (const failure of failures) log.error(failure)
      log.error(
        'The rules were not reloaded. The previous rules stay in force until these problems are mended.',
      )
      say('hub/rules', { state: 'refused', failures }, true)
      alerts.raise(RULES_ALERT, missing('The rules were not reloaded', failures))
    },
    unreadable(reason) {
      log.error(reason)
      log.error(
        'Until the rules can be read, no event is evaluated. The journal keeps all events until then.',
      )
      say('hub/rules', { state: 'unreadable', failures: [reason] }, true)
      alerts.raise(RULES_ALERT, missing('The rules cannot be read', [reason]))
    },
    died({ how, reason, unit }, judgement) {
      const who = unit === null ? 'The engine' : `${TITLES[unit.kind]} "${unit.name}"`
      log.error(`${who} ${reason}; ${whatNext(how, judgement)}.`)
      say('hub/engine', { state: 'died', reason, unit: unit && { ...unit } }, false)
      const aside = judgement.unit ?? judgement.item
      if (aside !== null) quarantine.raise(aside, reason)
    },
    trouble(sentence) {
      if (sentence === null) {
        alerts.resolve(ENGINE_ALERT, {
          title: 'The rules are at work again',
          body: 'An engine is in charge, and answers.',
        })
        if (toldTrouble !== null) log.info('An engine is in charge again, and answers.')
      } else if (sentence !== toldTrouble) {
        log.error(sentence)
        alerts.raise(ENGINE_ALERT, {
          title: 'The rules are not at work',
          body: sentence,
          severity: 'critical',
        })
      }
      toldTrouble = sentence
    },
  }
}

const TITLES = { file: 'File', rule: 'Rule', ping: 'Ping' } as const

function whatNext(how: Ending['how'], { unit, item, pauseMs }: Judgement): string {
  if (unit !== null) return 'it is quarantined until rules are saved again, and a new engine begins'
  if (item !== null)
    return `it is the second one that ended with ${item.kind} ${item.id}, which is set aside, and a new engine begins`
  const notes = how === 'crashed' ? ', and records whose code it runs' : ''
  return `a new engine begins in ${formatDuration(pauseMs)}${notes}`
}

const MOST_NAMED = 12

const shortList = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`
