// A program of the user's own. It gets the notification as JSON on its standard input, and its parts in
// variables. No shell reads any of it.

import { z } from 'zod'
import { printable } from '../base/printable.ts'
import type { Notification } from '../model/notification.ts'
import type { Tell } from './channel.ts'
import { notificationJson } from './notification-json.ts'
import { runProgram } from './program.ts'
import { constructorOf, record, secretText, text, texts } from './settings.ts'
import { cut } from './words.ts'

/** Linux takes 128 KiB in one variable. */
const VARIABLE_BYTES = 64 * 1024

const settings = z.strictObject({
  /** The program and its arguments. */
  argv: texts,
  env: record(secretText).default({}),
  cwd: text.optional(),
})

/** Tells by running a program. Another exit code than 0 is tried again. */
export const command = constructorOf('command', settings)

export const tell: Tell<z.output<typeof settings>> = async ({ argv, env, cwd }, notification, telling) => {
  const own = Object.entries(env).map(([name, value]) => [name, telling.disclosure.resolve(value)])
  const end = await runProgram(
    {
      argv,
      cwd,
      input: JSON.stringify(notificationJson(notification)),
      env: { ...variables(notification), VIGIE_KEY: telling.key, ...Object.fromEntries(own) },
    },
    telling,
  )
  if (end.kind !== 'ended') return end
  const { exitCode, stdout, stderr } = end
  if (exitCode === 0) return { kind: 'told', handle: null, isUpdate: false, result: { exitCode, stdout } }
  const last = stderr.trim().split('\n').at(-1) ?? ''
  const said = last === '' ? '' : `: ${printable(last)}`
  return { kind: 'later', reason: `${printable(argv[0] ?? '')} exited with ${exitCode}${said}` }
}

function variables(notification: Notification): Record<string, string> {
  const { id, occasion, state, severity, title, body, links, alerts } = notification
  const parts = {
    VIGIE_ID: id,
    VIGIE_OCCASION: occasion,
    VIGIE_STATE: state,
    VIGIE_SEVERITY: severity,
    VIGIE_TITLE: title,
    VIGIE_BODY: cut(body, { limit: VARIABLE_BYTES, in: 'bytes', link: links.show }),
    VIGIE_ALERT: alerts[0]?.key ?? '',
    VIGIE_SHOW: links.show ?? '',
    VIGIE_ACKNOWLEDGE: links.acknowledge ?? '',
    VIGIE_SILENCE: links.silence ?? '',
  }
  // No program can be given a zero byte.
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, value.replaceAll('\0', '')]))
}
