// `alert({ title, … })` tells people over the configured channels. Alerts with one key are one alert;
// `resolve` closes it.

import { parseDuration } from '../../../base/quantities.ts'
import type { Duration } from '../../../base/quantities.ts'
import { SEVERITIES } from '../../../model/alert.ts'
import type { Labels, Severity } from '../../../model/alert.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { duration, flag, name, oneOf, requireOptions, text } from './options.ts'
import type { Kind } from './options.ts'

export interface AlertOptions extends ActionOptions {
  readonly title: string
  readonly body?: string
  /** By default `warning`. */
  readonly severity?: Severity
  /**
   * What makes alerts one alert, and names its topic `<root>/alerts/<key>`. By default derived from the
   * title.
   */
  readonly key?: string
  /** What routes and silences of the configuration can look at, such as `{ room: 'hall' }`. */
  readonly labels?: Labels
  /** The key of the alert that mutes this one while it is open: of a disk, the alert of its machine. */
  readonly parent?: string
  /** Nobody is told before it has gone on for so long; if it is resolved before, nobody is told at all. */
  readonly pending?: Duration
  /** Closes the alert of this key. */
  readonly resolve?: boolean
}

const labels: Kind = {
  expected: "an object of texts such as { room: 'hall' }",
  test: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === 'string'),
}
const KINDS = {
  title: name,
  body: text,
  severity: oneOf(...SEVERITIES),
  key: name,
  labels,
  parent: name,
  pending: duration(true),
  resolve: flag,
}

/**
 * Tells people over the channels of the configuration. Its state is retained under `<root>/alerts/<key>`; 5
 * attempts of 30 seconds unless options say otherwise.
 * @throws TypeError when an option is missing or wrong, with a sentence that names it
 */
export function alert(options: AlertOptions): Action {
  requireOptions('alert', options, KINDS)
  if (options.title === undefined) throw new TypeError('alert: it needs a title')
  const { title, body = '', severity = 'warning', key = keyOf(title), resolve = false } = options
  const { labels: given = {}, parent = null, pending = '0s' } = options
  const more = { labels: { ...given }, parent, pendingMs: parseDuration(pending) }
  return action(
    'alert',
    { kind: 'spec', spec: { kind: 'alert', title, body, severity, key, ...more, resolve } },
    options,
    { timeout: '30s', attempts: 5 },
  )
}

/** Derives a key from a title: `Disk of nas is full` becomes `disk-of-nas-is-full`. */
const keyOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '') || 'alert'
