// `vigie alert`: `list` and `show` read the store; `ack`, `unack`, `silence`, `unsilence` and `resolve` give the
// running hub a command, as any client may; `test` tells people over one channel that it works.

import { Option } from 'commander'
import { localSecond } from '../../base/local-time.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { messageOf, printable } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import { ALERT_CHANGES } from '../../model/alert-change.ts'
import type { AlertChange, AlertChanged } from '../../model/alert-change.ts'
import { ownUser } from '../../process/users.ts'
import { listAlerts, showAlert } from './alert-views.ts'
import { askHub } from '../frame/ask-hub.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { type Command, type CommandInput, EXIT, UserError } from '../frame/command.ts'
import { jsonOption, limitOption } from '../frame/options.ts'

const VERBS = ['list', 'show', ...ALERT_CHANGES, 'test'] as const

export const alert: Command = {
  argument: ([verb]) =>
    verb === undefined || verb === 'list' ? undefined : verb === 'test' ? 'channel' : 'alert',
  options: [
    new Option('--all', 'list: resolved ones as well'),
    new Option('--for <length>', 'silence: how long, such as 2h'),
    new Option('--comment <text>', 'why, for whoever looks at the command in the history'),
    limitOption(),
    jsonOption(),
    ...whereOptions(),
  ],
  help: `"list" and "show" read the data folder, whether or not a hub runs on it. "ack", "unack", "silence",
"unsilence" and "resolve" ask the hub, which must run. KEY of a silence may be an MQTT topic filter (nas/#).
"test CHANNEL" sends a notification over a channel of the configuration from here, with the secrets of this
environment, and exits with 1 when the channel does not take it.`,
  async run(input) {
    const [verb = '', key] = input.args
    if (verb === 'list') return listAlerts(input)
    const known = VERBS.find((each) => each === verb)
    if (known === undefined || known === 'list') throw new UserError(unknownVerb(verb))
    if (key === undefined || key === '')
      throw new UserError(
        known === 'test'
          ? 'Name the channel: vigie alert test CHANNEL'
          : `Name the alert by its key: vigie alert ${known} KEY ("vigie alert list" lists them)`,
      )
    if (known === 'show') return showAlert(key, input)
    if (known === 'test') return (await import('./alert-test.ts')).testChannel(key, input)
    return changeAlert(known, key, input)
  },
}

function unknownVerb(verb: string): string {
  const meant = nearMiss(verb, VERBS)
  const hint = meant === undefined ? `There are: ${VERBS.join(', ')}.` : `Did you mean "${meant}"?`
  return `"vigie alert" does not know ${JSON.stringify(verb)}. ${hint}`
}

async function changeAlert(change: AlertChange, key: string, input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const order = {
    by: `${ownUser()} (the command line)`,
    ...(typeof options['comment'] === 'string' && { comment: options['comment'] }),
    ...(change === 'silence' && { for: lengthIn(options['for']) }),
  }
  const path = `/api/alerts/${change}?key=${encodeURIComponent(key)}`
  const changed = (await askHub(input, 'POST', path, order)) as AlertChanged
  terminal.out(`${options['json'] === true ? JSON.stringify(changed) : sentenceOf(changed, change, key)}\n`)
  return EXIT.ok
}

function lengthIn(text: unknown): string {
  if (typeof text !== 'string') throw new UserError('Say how long: vigie alert silence KEY --for 2h')
  try {
    parseDuration(text)
  } catch (error) {
    throw new UserError(`--for: ${messageOf(error)}`)
  }
  return text
}

function sentenceOf({ alert: of, silence }: AlertChanged, change: AlertChange, key: string): string {
  const name = JSON.stringify(printable(key))
  if (change === 'unsilence') return `The silence ${name} has ended.`
  if (silence) {
    const until = localSecond(Date.parse(silence.until))
    return `${name} is silenced until ${until}${of ? '' : '; no open alert has this key now'}.`
  }
  const by = of?.acknowledgedBy === undefined ? '' : ` by ${printable(of.acknowledgedBy)}`
  return `The alert ${name} is ${of?.state ?? 'resolved'}${by}.`
}
