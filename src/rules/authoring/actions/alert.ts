// `alert({ title, … })` tells people over the configured channels. Alerts with one key are one alert;
// `resolve` closes it.

import type { Severity } from '../../../model/action.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { flag, name, oneOf, requireOptions, text } from './options.ts'

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
  /** Closes the alert of this key. */
  readonly resolve?: boolean
}

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical']
const KINDS = { title: name, body: text, severity: oneOf(...SEVERITIES), key: name, resolve: flag }

/**
 * Tells people over the channels of the configuration. Retained under `<root>/alerts/<key>`; 5 attempts of 30
 * seconds unless options say otherwise.
 * @throws TypeError when an option is missing or wrong, with a sentence that names it
 */
export function alert(options: AlertOptions): Action {
  requireOptions('alert', options, KINDS)
  if (options.title === undefined) throw new TypeError('alert: it needs a title')
  const { title, body = '', severity = 'warning', key = keyOf(title), resolve = false } = options
  return action(
    'alert',
    { kind: 'spec', spec: { kind: 'alert', title, body, severity, key, resolve } },
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
