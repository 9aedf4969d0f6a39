// `alert({ title, … })`: tells people, over the configured channels. Alerts of one key are one alert; `resolve` closes it.

import type { Severity } from '../../model/action.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'

export interface AlertOptions extends ActionOptions {
  readonly title: string
  readonly body?: string
  /** By default `warning`. */
  readonly severity?: Severity
  /** Groups what belongs together, and names the topic `<root>/alerts/<key>`. By default made of the title. */
  readonly key?: string
  /** Closes the alert of this key. */
  readonly resolve?: boolean
}

const SEVERITIES: readonly string[] = ['info', 'warning', 'critical'] satisfies readonly Severity[]

export function alert(options: AlertOptions): Action {
  const { title, body = '', severity = 'warning', key = keyOf(title), resolve = false } = options
  if (typeof title !== 'string' || title === '') throw new TypeError('alert: it needs a title')
  if (!SEVERITIES.includes(severity))
    throw new TypeError(`alert: severity is ${JSON.stringify(severity)}; it can be ${SEVERITIES.join(', ')}`)
  if (key === '' || /[+#\0]/.test(key))
    throw new TypeError(
      `alert: the key ${JSON.stringify(key)} becomes a topic, so it cannot be empty or hold + or #`,
    )
  return action(
    'alert',
    { kind: 'spec', spec: { kind: 'alert', title, body, severity, key, resolve } },
    options,
    { timeout: '30s', attempts: 5 },
  )
}

/** `Disk of nas is full` becomes `disk-of-nas-is-full`. */
const keyOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '') || 'alert'
