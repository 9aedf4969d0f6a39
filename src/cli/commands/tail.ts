// `vigie tail`: all that passes, with its time, also what the history does not keep.

import { type Command, EXIT } from '../frame/command.ts'
import { CLIENT_HELP, clientOptions } from '../frame/mqtt-client.ts'
import { jsonOption } from '../frame/options.ts'
import { subscribed } from '../frame/subscription.ts'
import { jsonLine, personLine } from '../show/message-lines.ts'

export const tail: Command = {
  options: [jsonOption(), ...clientOptions()],
  help: `Shows what comes from now on, until Ctrl-C; "vigie history --follow" begins with the past, and shows only what
the history keeps. ${CLIENT_HELP}
Example: vigie tail 'zigbee2mqtt/+'`,
  async run(input) {
    const { args, options, terminal } = input
    const write = options['json'] ? jsonLine(terminal) : personLine(terminal, true)
    await subscribed(input, {
      filters: [args[0] ?? '#'],
      qos: 0,
      retainHandling: 2,
      take(message) {
        terminal.out(`${write(message)}\n`)
        return false
      },
    })
    return EXIT.ok
  },
}
