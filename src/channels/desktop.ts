// The desktop of the user whose session the hub runs in, by notify-send of libnotify. A later telling
// replaces the notification where notify-send is new enough to tell its number (0.8). notify-send(1),
// https://specifications.freedesktop.org/notification-spec/latest/

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { printable } from '../base/printable.ts'
import type { Notification } from '../model/notification.ts'
import type { Tell, Telling } from './channel.ts'
import { runProgram } from './program.ts'
import { constructorOf, text } from './settings.ts'
import { cut, escapeHtml, headline, toneOf } from './words.ts'
import type { Tone } from './words.ts'

const TITLE_LENGTH = 200
const BODY_LENGTH = 1_000

const settings = z.strictObject({
  /** Where notify-send is, if it is not on the PATH of the hub. */
  program: text.default('notify-send'),
})
type Settings = z.output<typeof settings>

/** Tells on the desktop of this machine. */
export const desktop = constructorOf('desktop', settings)

/** What is critical stays until it is closed. */
const URGENCY: Readonly<Record<Tone, string>> = {
  critical: 'critical',
  warning: 'normal',
  info: 'low',
  acknowledged: 'low',
  resolved: 'normal',
}

export const tell: Tell<Settings> = async (channel, notification, telling) => {
  const before = (telling.handle as { readonly number: string } | null)?.number
  const numbered = ['--print-id', ...(before === undefined ? [] : [`--replace-id=${before}`])]
  let end = await show(channel, numbered, notification, telling)
  const isOld = end.kind === 'ended' && end.exitCode !== 0 && /unknown option/i.test(end.stderr)
  if (isOld) end = await show(channel, [], notification, telling)
  if (end.kind !== 'ended') return end
  if (end.exitCode !== 0) return withoutDisplay(end.exitCode, end.stderr)
  const [number] = isOld ? [] : (/^\d+/.exec(end.stdout) ?? [])
  return {
    kind: 'told',
    handle: number === undefined ? null : { number },
    isUpdate: number !== undefined && number === before,
  }
}

function show(
  { program }: Settings,
  options: readonly string[],
  notification: Notification,
  telling: Telling,
) {
  const title = cut(headline(notification), { limit: TITLE_LENGTH, in: 'characters' })
  const body = cut(notification.body, { limit: BODY_LENGTH, in: 'characters', link: notification.links.show })
  const urgency = `--urgency=${URGENCY[toneOf(notification)]}`
  // Desktops read some HTML in the body. No program can be given a zero byte.
  const texts = [title, escapeHtml(body)].map((one) => one.replaceAll('\0', ''))
  return runProgram({ argv: [program, '--app-name=vigie', urgency, ...options, '--', ...texts] }, telling)
}

function withoutDisplay(exitCode: number, stderr: string) {
  const said = printable(stderr.trim().split('\n').at(-1) ?? '')
  const reason = `notify-send exited with ${exitCode}${said === '' ? '' : `: ${said}`}`
  if (hasSession()) return { kind: 'later', reason } as const
  return {
    kind: 'gone',
    reason: `${reason}; the hub does not run in the session of a user who has a desktop`,
  } as const
}

/** Whether there is a bus on which a desktop could listen. */
function hasSession(): boolean {
  const { DBUS_SESSION_BUS_ADDRESS: bus, XDG_RUNTIME_DIR: runtime } = process.env
  return Boolean(bus) || (runtime !== undefined && existsSync(join(runtime, 'bus')))
}
