// `vigie sub`: subscribes as any MQTT client does, and prints what comes.

import { Option } from 'commander'
import { messageOf } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import { type Command, EXIT, UserError } from '../frame/command.ts'
import { CLIENT_HELP, clientOptions } from '../frame/mqtt-client.ts'
import { countOption, jsonOption, qosOption } from '../frame/options.ts'
import { subscribed } from '../frame/subscription.ts'
import { jsonLine, personLine } from '../show/message-lines.ts'

/** How long nothing retained may come before all of it has come. */
const RETAINED_QUIET_MS = 1_000

export const sub: Command = {
  options: [
    qosOption(),
    countOption('-n, --count <count>', 'end after so many messages'),
    new Option('--timeout <length>', 'end after this time, such as 30s; with --count, exits with 1 then'),
    new Option('--retained-only', 'print what is retained, and end'),
    jsonOption(),
    ...clientOptions(),
  ],
  help: `Prints the topic and the payload of each message. ${CLIENT_HELP}
Example: vigie sub 'sensors/#' --count 1 --timeout 10s --json`,
  async run(input) {
    const { args, options, terminal } = input
    const filters = args.filter((filter) => filter !== undefined)
    const write = options['json'] ? jsonLine(terminal) : personLine(terminal, false)
    const isRetainedOnly = options['retainedOnly'] === true
    const most = (options['count'] as number | undefined) ?? Infinity
    let count = 0
    const end = await subscribed(input, {
      filters,
      qos: options['qos'] as 0 | 1 | 2,
      retainHandling: 0,
      ...(isRetainedOnly ? { quietMs: RETAINED_QUIET_MS } : timeoutIn(options['timeout'])),
      take(message) {
        if (isRetainedOnly && !message.packet.retain) return false
        terminal.out(`${write(message)}\n`)
        return ++count >= most
      },
    })
    return end === 'timeout' && most !== Infinity && !isRetainedOnly ? EXIT.failed : EXIT.ok
  },
}

function timeoutIn(text: unknown): { readonly timeoutMs?: number } {
  if (typeof text !== 'string') return {}
  try {
    return { timeoutMs: parseDuration(text) }
  } catch (error) {
    throw new UserError(`--timeout: ${messageOf(error)}`)
  }
}
