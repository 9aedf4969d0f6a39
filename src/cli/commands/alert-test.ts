// `vigie alert test CHANNEL`: tells people over one channel that it works, and says what the service answered.

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { systemClock } from '../../base/clock.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { messageOf, printable } from '../../base/printable.ts'
import { openChannels } from '../../channels/open.ts'
import type { Told } from '../../channels/channel.ts'
import type { Notification } from '../../model/notification.ts'
import { ownUser } from '../../process/users.ts'
import { Disclosure, openSecrets } from '../../secrets/secrets.ts'
import { type CommandInput, EXIT, UserError } from '../frame/command.ts'
import { loadSettings } from '../frame/settings.ts'

const LIMIT_MS = 30_000

export async function testChannel(name: string, { options, terminal }: CommandInput): Promise<number> {
  const { alerts, data, secrets } = await loadSettings(options, terminal.cwd)
  const channel = openChannels(alerts.channels).get(name)
  if (channel === undefined) throw new UserError(unknownChannel(name, Object.keys(alerts.channels)))
  const disclosure = new Disclosure(openSecrets(process.env, secrets ?? null))
  const told = await channel
    .tell(testNotification(terminal.now()), {
      handle: null,
      key: randomUUID(),
      signal: AbortSignal.timeout(LIMIT_MS),
      disclosure,
      clock: systemClock,
      dataDir: data,
      publish: () => Promise.reject(new NeedsHub()),
      started: () => {},
    })
    .catch((error: unknown): Told => ({ kind: 'later', reason: messageOf(error) }))
  const result = disclosure.redactJson(told)
  if (options['json'] === true) terminal.out(`${JSON.stringify({ channel: name, ...result })}\n`)
  else terminal.out(`${sentenceOf(name, channel.kind, result)}\n`)
  return told.kind === 'told' ? EXIT.ok : EXIT.failed
}

class NeedsHub extends Error {
  constructor() {
    super(
      'it publishes through a running hub, and this command has none: raise an alert by a message instead',
    )
  }
}

function testNotification(now: number): Notification {
  const title = `Test of vigie on ${hostname()}`
  const body = `${ownUser()} tries this channel. Nothing is wrong.`
  const severity = 'info'
  return {
    id: randomUUID(),
    occasion: 'test',
    state: 'firing',
    severity,
    title,
    body,
    since: now,
    at: now,
    alerts: [
      {
        key: 'test',
        state: 'firing',
        severity,
        title,
        body,
        labels: {},
        since: now,
        count: 1,
        rule: null,
        cause: null,
        acknowledgedBy: null,
      },
    ],
    links: {},
  }
}

function sentenceOf(name: string, kind: string, told: Told): string {
  const channel = `The channel "${name}" (${kind})`
  switch (told.kind) {
    case 'told': {
      const said = told.result === undefined ? '' : `, and answered ${JSON.stringify(told.result)}`
      return `${channel} took the test notification${printable(said, 500)}.`
    }
    case 'later':
      return `${channel} did not take it now: ${printable(told.reason, 1_000)}.`
    case 'bad':
      return `${channel} refuses such a notification: ${printable(told.reason, 1_000)}.`
    case 'gone':
      return `${channel} refuses everything: ${printable(told.reason, 1_000)}.`
  }
  return told satisfies never
}

function unknownChannel(name: string, known: readonly string[]): string {
  const meant = nearMiss(name, known)
  const hint =
    known.length === 0
      ? 'It has none: write alerts: { channels: { … } }.'
      : meant === undefined
        ? `There are: ${known.join(', ')}.`
        : `Did you mean "${meant}"?`
  return `The configuration has no channel ${JSON.stringify(name)}. ${hint}`
}
