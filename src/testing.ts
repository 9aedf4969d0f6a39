// Rules under test: `import { simulate } from 'vigie/testing'`.
//
//   const hub = simulate(rules)
//   await hub.publish('doors/front', 'open')
//   await hub.advance('10m')
//   expect(hub.actions).toMatchObject([{ kind: 'alert', key: 'door-front' }])

import { systemClock } from './base/clock.ts'
import { parseMoment } from './base/moment.ts'
import { parseConfig } from './config/config.ts'
import type { ConfigInput } from './config/config.ts'
import { NO_ALERT_SETTINGS } from './model/alert-settings.ts'
import type { AlertSettings } from './model/alert-settings.ts'
import { Simulation } from './engine/virtual/simulation.ts'
import { compile } from './rules/compile.ts'
import { isDeclaration } from './rules/authoring/declaration.ts'
import type { Declaration } from './rules/authoring/declaration.ts'

export type {
  MessageOptions,
  SimulatedAction,
  SimulatedMessage,
  SimulatedNotification,
  Simulation,
} from './engine/virtual/simulation.ts'

/** Declarations as they are, or all that a rule file exports (`import * as rules`). */
export type SimulatedRules = Declaration | readonly Declaration[] | Readonly<Record<string, unknown>>

export interface SimulateOptions {
  /**
   * When virtual time begins; by default at the beginning of 2026, UTC. A text is read as `--since` is: what
   * has no zone is local time.
   */
  readonly at?: string | number | Date
  /** First level of the hub's own topics, when the configuration gives it another name than `vigie`. */
  readonly root?: string
  /**
   * How alerts are told: `alerts` of the configuration. By default one channel, `people`, is told of everything.
   */
  readonly alerts?: NonNullable<ConfigInput['alerts']>
  /** Where the hub is, for the sun: `place` of the configuration. */
  readonly place?: { readonly latitude: number; readonly longitude: number }
}

/**
 * A hub in virtual time with these rules. Nothing leaves the process: commands, webhooks and calls are
 * answered by stand-ins (`answer`, `fail`), messages come back to the rules. Throws when a rule would not
 * load, examples included.
 */
export function simulate(rules: SimulatedRules, options: SimulateOptions = {}): Simulation {
  const { at = '2026-01-01T00:00:00Z', root = 'vigie', place, alerts } = options
  const exports = isDeclaration(rules) || Array.isArray(rules) ? { default: rules } : rules
  const set = compile([{ file: 'rules', exports: exports as Readonly<Record<string, unknown>> }], {
    root,
    place,
  })
  if (set.problems.length > 0)
    throw new Error(`The rules do not load:\n${set.problems.map(({ message }) => message).join('\n')}`)
  return new Simulation(
    set,
    typeof at === 'string' ? parseMoment(at, systemClock.now()) : new Date(at).getTime(),
    alerts === undefined
      ? { ...NO_ALERT_SETTINGS, channels: { people: { kind: 'simulated', settings: {} } } }
      : parseAlerts(alerts),
  )
}

const parseAlerts = (alerts: NonNullable<ConfigInput['alerts']>): AlertSettings =>
  parseConfig({ alerts }, 'simulate').alerts
